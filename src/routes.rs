//! The whole route map, scope by scope. A handler that takes `Signed` asks who it is; the others are open.

use actix_web::web::{ServiceConfig, delete, get, patch, post, put, resource, scope};
use utoipa::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

use crate::analysis::routes as analysis;
use crate::approvals::routes as approvals;
use crate::audit::routes as audit;
use crate::calendars::routes as calendars;
use crate::campaigns::routes as campaigns;
use crate::catalogue::processes::routes as processes;
use crate::catalogue::routes as catalogue;
use crate::citizens::{channels, device_routes as devices, routes as citizens};
use crate::costs::routes as costs;
use crate::dossiers::foresight::routes as foresight;
use crate::dossiers::identity::routes as identity;
use crate::dossiers::routes as dossiers;
use crate::dossiers::told::routes as told;
use crate::exports::charts::routes as charts;
use crate::exports::jobs::routes as export_jobs;
use crate::exports::routes as exports;
use crate::health;
use crate::lookup::routes as lookup;
use crate::notices::callbacks;
use crate::notices::deeds::routes as deeds;
use crate::notices::routes as notices;
use crate::notices::suppressions::routes as suppressions;
use crate::notices::templates::routes as templates;
use crate::openapi::ApiDoc;
use crate::quality::routes as quality;
use crate::reorganisations::routes as reorganisations;
use crate::seals::routes as seals;
use crate::staff::routes::{accounts, grants, keys, second_factor, sessions, sign_on};
use crate::statistics::definitions::routes as definitions;
use crate::statistics::{ageing, durations, early, hours, intake, legs, public, received_at, routes as statistics};

/// Puts every handler in its place.
pub fn configure(app: &mut ServiceConfig) {
    app.service(resource("/health/live").route(get().to(health::live)))
        .service(resource("/health/ready").route(get().to(health::ready)))
        .service(resource("/metrics").route(get().to(health::metrics)))
        .service(
            scope("/api/v1")
                .configure(calendar)
                .configure(process)
                .configure(open)
                .configure(citizen)
                .configure(staff)
                .configure(dossier)
                .configure(template)
                .configure(cost)
                .configure(notice)
                .configure(figures)
                .service(resource("/openapi.json").route(get().to(health::openapi))),
        )
        .service(SwaggerUi::new("/docs/{_:.*}").url("/api/v1/openapi.json", ApiDoc::openapi()));
}

/// Before what is open: `publications` is no year.
fn calendar(api: &mut ServiceConfig) {
    api.service(
        resource("/calendars/publications")
            .route(get().to(calendars::list_publications))
            .route(post().to(calendars::publish_calendar)),
    )
    .service(resource("/calendars/publications/{number}").route(get().to(calendars::show_publication)))
    .service(resource("/calendars/publications/{number}/moves").route(get().to(calendars::list_moves)))
    .service(
        resource("/reorganisations")
            .route(get().to(reorganisations::list_reorganisations))
            .route(post().to(reorganisations::propose_reorganisation)),
    )
    .service(resource("/reorganisations/{code}").route(get().to(reorganisations::show_reorganisation)));
}

/// For who manages the catalogue; read by whoever works here.
fn process(api: &mut ServiceConfig) {
    api.service(resource("/processes").route(get().to(processes::list_processes))).service(
        resource("/processes/{code}").route(get().to(processes::show_process)).route(put().to(processes::save_process)),
    );
}

/// For everyone, counted per address.
fn open(api: &mut ServiceConfig) {
    api.service(resource("/units").route(get().to(catalogue::list_units)))
        .service(resource("/units/{code}").route(get().to(catalogue::show_unit)))
        .service(resource("/fields").route(get().to(catalogue::list_fields)))
        .service(resource("/procedures").route(get().to(catalogue::list_procedures)))
        .service(resource("/procedures/{code}").route(get().to(catalogue::show_procedure)))
        .service(resource("/calendars/{year}").route(get().to(catalogue::show_calendar)))
        .service(resource("/deadlines/preview").route(post().to(catalogue::preview_deadline)))
        .service(resource("/public/dossiers/{code}").route(get().to(lookup::read_public_status)))
        .service(resource("/public/statistics").route(get().to(public::read_public_statistics)));
}

/// For citizens who have proved, or are about to prove, who they are.
fn citizen(api: &mut ServiceConfig) {
    api.service(resource("/public/dossiers/{code}/one-time-codes").route(post().to(citizens::ask_for_code)))
        .service(resource("/public/one-time-codes/{id}").route(post().to(citizens::show_code)))
        .service(resource("/citizen/log-ins").route(post().to(citizens::begin_log_in)))
        .service(resource("/citizen/log-ins/{id}").route(post().to(citizens::end_log_in)))
        .service(resource("/citizen/dossiers").route(get().to(citizens::list_own_dossiers)))
        .service(
            resource("/citizen/channels")
                .route(get().to(channels::show_own_channels))
                .route(put().to(channels::choose_own_channels)),
        )
        .service(resource("/citizen/devices").route(get().to(devices::list_own_devices)))
        .service(
            resource("/citizen/devices/{installation}")
                .route(put().to(devices::register_device))
                .route(delete().to(devices::remove_device)),
        )
        .service(resource("/citizen/session").route(delete().to(citizens::end_own_session)))
        .service(resource("/citizen/dossiers/{code}").route(get().to(citizens::show_own_dossier)));
}

fn staff(api: &mut ServiceConfig) {
    api.service(resource("/sessions").route(post().to(sessions::log_in)).route(get().to(sessions::list_sessions)))
        .service(resource("/sessions/current").route(delete().to(sessions::log_out)))
        .service(resource("/sessions/current/rotate").route(post().to(sessions::rotate_session)))
        .service(resource("/sessions/current/second-factor").route(post().to(sessions::step_up)))
        .service(resource("/sessions/single-sign-on").route(post().to(sign_on::begin_sign_on)))
        .service(resource("/sessions/single-sign-on/{id}").route(post().to(sign_on::end_sign_on)))
        .service(resource("/sessions/{id}").route(delete().to(sessions::end_session)))
        .service(resource("/me").route(get().to(sessions::show_me)))
        .service(resource("/me/password").route(put().to(sessions::change_own_password)))
        .service(
            resource("/me/second-factor")
                .route(get().to(second_factor::show_second_factor))
                .route(post().to(second_factor::start_second_factor)),
        )
        .service(resource("/me/second-factor/confirm").route(post().to(second_factor::confirm_second_factor)))
        .service(resource("/me/second-factor/recovery-codes").route(post().to(second_factor::renew_recovery_codes)))
        .service(resource("/me/second-factor/remove").route(post().to(second_factor::remove_second_factor)))
        .service(resource("/staff").route(get().to(accounts::list_staff)).route(post().to(accounts::add_staff)))
        .service(resource("/staff/{id}").route(patch().to(accounts::change_staff)))
        .service(resource("/staff/{id}/grants").route(post().to(grants::propose_grant)))
        .service(resource("/staff/{id}/second-factor").route(delete().to(second_factor::reset_second_factor)))
        .service(resource("/api-keys").route(get().to(keys::list_keys)).route(post().to(keys::add_key)))
        .service(resource("/api-keys/{id}").route(delete().to(keys::revoke_key)))
        .service(resource("/api-keys/{id}/rotate").route(post().to(keys::rotate_key)))
        .service(resource("/approvals").route(get().to(approvals::list_approvals)))
        .service(resource("/approvals/{id}/actions/{decision}").route(post().to(approvals::decide_approval)));
}

fn dossier(api: &mut ServiceConfig) {
    api.service(
        resource("/dossiers").route(get().to(dossiers::list_dossiers)).route(post().to(dossiers::receive_dossier)),
    )
    .service(resource("/dossiers/batches").route(post().to(dossiers::receive_dossiers)))
    .service(resource("/dossiers/mirrored").route(put().to(dossiers::mirror_dossier)))
    .service(resource("/dossiers/submissions").route(post().to(dossiers::submit_dossier)))
    .service(
        resource("/dossiers/{code}")
            .route(get().to(dossiers::show_dossier))
            .route(patch().to(dossiers::correct_dossier)),
    )
    .service(resource("/dossiers/{code}/events").route(get().to(dossiers::list_events)))
    .service(resource("/dossiers/{code}/notices").route(get().to(told::list_dossier_notices)))
    .service(resource("/dossiers/{code}/notices/proof").route(get().to(told::show_notice_proof)))
    .service(resource("/dossiers/{code}/deadline").route(get().to(dossiers::explain_deadline)))
    .service(resource("/dossiers/{code}/process").route(get().to(dossiers::show_process)))
    .service(resource("/dossiers/{code}/apology").route(get().to(foresight::draft_apology)))
    .service(resource("/steps/reassignments").route(post().to(dossiers::reassign_steps)))
    .service(resource("/foresight").route(get().to(foresight::show_morning)))
    .service(resource("/me/warnings").route(get().to(foresight::list_warnings)))
    .service(resource("/me/warnings/seen").route(post().to(foresight::mark_warnings_seen)))
    .service(resource("/dossiers/{code}/actions/{verb}").route(post().to(dossiers::act_on_dossier)))
    .service(resource("/dossiers/{code}/identity").route(post().to(identity::unmask_identity)))
    .service(resource("/dossiers/{code}/identity/reads").route(get().to(identity::list_identity_reads)))
    .service(resource("/persons/exports").route(post().to(identity::export_person)));
}

fn template(api: &mut ServiceConfig) {
    api.service(
        resource("/notice-templates")
            .route(get().to(templates::list_templates))
            .route(post().to(templates::write_template)),
    )
    .service(resource("/notice-templates/preview").route(post().to(templates::preview_template)))
    .service(resource("/notice-templates/{purpose}/{channel}").route(get().to(templates::list_template_versions)))
    .service(resource("/notice-templates/{purpose}/{channel}/{version}").route(get().to(templates::show_template)))
    .service(
        resource("/notice-templates/{purpose}/{channel}/{version}/actions/{action}")
            .route(post().to(templates::act_on_template)),
    )
    .service(
        resource("/notice-templates/{purpose}/{channel}/{version}/vendor-ids/{gateway}")
            .route(put().to(templates::set_template_vendor_id)),
    );
}

/// Before notices: these are no keys of any.
fn cost(api: &mut ServiceConfig) {
    api.service(resource("/notices/costs").route(get().to(costs::read_costs)))
        .service(resource("/notices/costs/alarms").route(get().to(costs::list_cost_alarms)))
        .service(
            resource("/notices/tariffs").route(get().to(costs::list_tariffs)).route(put().to(costs::change_tariffs)),
        )
        .service(resource("/notices/budgets").route(get().to(costs::list_budgets)))
        .service(resource("/notices/budgets/{code}").route(put().to(costs::set_budget)))
        .service(
            resource("/notices/suppressions")
                .route(get().to(suppressions::list_suppressions))
                .route(post().to(suppressions::add_suppression)),
        )
        .service(resource("/notices/suppressions/{id}").route(delete().to(suppressions::lift_suppression)));
}

fn notice(api: &mut ServiceConfig) {
    api.service(resource("/notices").route(get().to(notices::list_notices)))
        .service(resource("/notices/summary").route(get().to(notices::summarise_notices)))
        .service(resource("/notices/dead").route(get().to(deeds::list_dead_notices)))
        .service(resource("/notices/actions/{deed}").route(post().to(deeds::act_on_notices)))
        .service(resource("/notices/sending/actions/{action}").route(post().to(notices::switch_sending)))
        .service(resource("/notices/{id}").route(get().to(notices::show_notice)))
        .service(resource("/notices/{id}/resend").route(post().to(deeds::resend_notice)))
        .service(resource("/notices/{id}/actions/{deed}").route(post().to(deeds::act_on_notice)))
        // Gateways prove themselves by the secret.
        .service(
            resource("/callbacks/{gateway}/{secret}")
                .route(get().to(callbacks::take_receipt))
                .route(post().to(callbacks::take_receipt)),
        );
}

fn figures(api: &mut ServiceConfig) {
    api.service(resource("/statistics/units").route(get().to(statistics::read_units)))
        .service(resource("/statistics/intake").route(get().to(intake::read_intake)))
        .service(resource("/statistics/intake/dossiers").route(get().to(intake::behind::list_intake_behind)))
        .service(resource("/statistics/dossiers").route(get().to(statistics::list_dossiers_behind)))
        .service(resource("/statistics/legs").route(get().to(legs::read_legs)))
        .service(resource("/statistics/legs/dossiers").route(get().to(legs::behind::list_legs_behind)))
        .service(resource("/statistics/seals").route(get().to(seals::list_seals)).route(post().to(seals::seal_report)))
        .service(resource("/statistics/seals/{id}").route(get().to(seals::show_seal)))
        .service(resource("/statistics/seals/{id}/adjustments").route(get().to(seals::list_adjustments)))
        .service(resource("/statistics/seals/{id}/file").route(get().to(seals::write_seal_file)))
        .service(resource("/statistics/seals/{id}/dossiers").route(get().to(seals::list_sealed_dossiers)))
        .service(resource("/statistics/quality").route(get().to(quality::read_quality)))
        .service(resource("/statistics/quality/dossiers").route(get().to(quality::list_quality_dossiers)))
        .service(resource("/statistics/durations").route(get().to(durations::read_durations)))
        .service(resource("/statistics/durations/dossiers").route(get().to(durations::behind::list_durations_behind)))
        .service(resource("/statistics/ageing").route(get().to(ageing::read_ageing)))
        .service(resource("/statistics/ageing/dossiers").route(get().to(ageing::list_ageing_dossiers)))
        .service(resource("/statistics/trend").route(get().to(analysis::read_trend)))
        .service(resource("/statistics/ranking").route(get().to(analysis::read_ranking)))
        .service(resource("/statistics/patterns").route(get().to(analysis::read_patterns)))
        .service(resource("/statistics/patterns/dossiers").route(get().to(analysis::list_pattern_dossiers)))
        .service(resource("/statistics/early-results").route(get().to(early::read_early)))
        .service(resource("/statistics/early-results/dossiers").route(get().to(early::list_early_dossiers)))
        .service(resource("/statistics/received-at").route(get().to(received_at::read_received_at)))
        .service(resource("/statistics/received-at/dossiers").route(get().to(received_at::list_received_at)))
        .service(resource("/statistics/hours").route(get().to(hours::read_hours)))
        .service(resource("/statistics/hours/dossiers").route(get().to(hours::list_hour_dossiers)))
        .service(resource("/statistics/definitions").route(get().to(definitions::read_definitions)))
        .service(resource("/campaigns/early-results").route(get().to(campaigns::read_early_results)))
        .service(resource("/campaigns/early-results/dossiers").route(get().to(campaigns::list_early_results)))
        .service(resource("/statistics/charts/{chart}").route(get().to(charts::read_chart)))
        .service(resource("/reports").route(get().to(exports::list_reports)))
        .service(resource("/reports/{layout}").route(get().to(exports::read_report)))
        .service(
            resource("/exports")
                .route(get().to(export_jobs::list_exports))
                .route(post().to(export_jobs::ask_for_export)),
        )
        .service(
            resource("/exports/{id}")
                .route(get().to(export_jobs::show_export))
                .route(delete().to(export_jobs::cancel_export)),
        )
        .service(resource("/exports/{id}/file").route(get().to(export_jobs::fetch_export)))
        .service(resource("/audit").route(get().to(audit::list_audit)));
}
