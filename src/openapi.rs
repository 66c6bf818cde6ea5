//! The OpenAPI document: every operation that [`crate::routes`] puts in its place, in the same order.

use utoipa::OpenApi;

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
use crate::http::contract::Common;
use crate::lookup::routes as lookup;
use crate::notices::callbacks;
use crate::notices::deeds::routes as deeds;
use crate::notices::routes as notices;
use crate::notices::suppressions::routes as suppressions;
use crate::notices::templates::routes as templates;
use crate::quality::routes as quality;
use crate::reorganisations::routes as reorganisations;
use crate::seals::routes as seals;
use crate::staff::Credentials;
use crate::staff::routes::{accounts, grants, keys, second_factor, sessions, sign_on};
use crate::statistics::definitions::routes as definitions;
use crate::statistics::{ageing, durations, early, hours, intake, legs, public, received_at, routes as statistics};

/// The contract, generated from the handlers.
#[derive(OpenApi)]
#[openapi(
    info(title = "motcua", description = "The open backend of a province's one-stop shop (một cửa)"),
    modifiers(&Credentials, &Common),
    paths(
        health::live,
        health::ready,
        health::metrics,
        calendars::publish_calendar,
        calendars::list_publications,
        calendars::show_publication,
        calendars::list_moves,
        reorganisations::propose_reorganisation,
        reorganisations::list_reorganisations,
        reorganisations::show_reorganisation,
        processes::list_processes,
        processes::show_process,
        processes::save_process,
        catalogue::list_units,
        catalogue::show_unit,
        catalogue::list_fields,
        catalogue::list_procedures,
        catalogue::show_procedure,
        catalogue::show_calendar,
        catalogue::preview_deadline,
        lookup::read_public_status,
        citizens::ask_for_code,
        citizens::show_code,
        citizens::begin_log_in,
        citizens::end_log_in,
        citizens::list_own_dossiers,
        citizens::show_own_dossier,
        citizens::end_own_session,
        channels::show_own_channels,
        channels::choose_own_channels,
        devices::list_own_devices,
        devices::register_device,
        devices::remove_device,
        sessions::log_in,
        sign_on::begin_sign_on,
        sign_on::end_sign_on,
        sessions::list_sessions,
        sessions::rotate_session,
        sessions::step_up,
        sessions::log_out,
        sessions::end_session,
        sessions::show_me,
        sessions::change_own_password,
        second_factor::show_second_factor,
        second_factor::start_second_factor,
        second_factor::confirm_second_factor,
        second_factor::renew_recovery_codes,
        second_factor::remove_second_factor,
        second_factor::reset_second_factor,
        accounts::list_staff,
        accounts::add_staff,
        accounts::change_staff,
        grants::propose_grant,
        keys::list_keys,
        keys::add_key,
        keys::rotate_key,
        keys::revoke_key,
        approvals::list_approvals,
        approvals::decide_approval,
        dossiers::list_dossiers,
        dossiers::receive_dossier,
        dossiers::receive_dossiers,
        dossiers::submit_dossier,
        dossiers::mirror_dossier,
        dossiers::show_dossier,
        dossiers::correct_dossier,
        dossiers::list_events,
        dossiers::explain_deadline,
        told::list_dossier_notices,
        told::show_notice_proof,
        dossiers::show_process,
        dossiers::reassign_steps,
        foresight::draft_apology,
        foresight::show_morning,
        foresight::list_warnings,
        foresight::mark_warnings_seen,
        dossiers::act_on_dossier,
        identity::unmask_identity,
        identity::list_identity_reads,
        identity::export_person,
        templates::list_templates,
        templates::write_template,
        templates::preview_template,
        templates::list_template_versions,
        templates::show_template,
        templates::act_on_template,
        templates::set_template_vendor_id,
        costs::read_costs,
        costs::list_cost_alarms,
        costs::list_tariffs,
        costs::change_tariffs,
        costs::list_budgets,
        costs::set_budget,
        suppressions::list_suppressions,
        suppressions::add_suppression,
        suppressions::lift_suppression,
        notices::list_notices,
        notices::summarise_notices,
        notices::switch_sending,
        notices::show_notice,
        deeds::list_dead_notices,
        deeds::resend_notice,
        deeds::act_on_notice,
        deeds::act_on_notices,
        callbacks::take_receipt,
        statistics::read_units,
        intake::read_intake,
        intake::behind::list_intake_behind,
        statistics::list_dossiers_behind,
        legs::read_legs,
        legs::behind::list_legs_behind,
        definitions::read_definitions,
        quality::read_quality,
        quality::list_quality_dossiers,
        durations::read_durations,
        durations::behind::list_durations_behind,
        ageing::read_ageing,
        ageing::list_ageing_dossiers,
        early::read_early,
        early::list_early_dossiers,
        received_at::read_received_at,
        received_at::list_received_at,
        hours::read_hours,
        hours::list_hour_dossiers,
        analysis::read_trend,
        analysis::read_ranking,
        analysis::read_patterns,
        analysis::list_pattern_dossiers,
        public::read_public_statistics,
        seals::list_seals,
        seals::seal_report,
        seals::show_seal,
        seals::list_adjustments,
        seals::list_sealed_dossiers,
        seals::write_seal_file,
        campaigns::read_early_results,
        campaigns::list_early_results,
        charts::read_chart,
        exports::list_reports,
        exports::read_report,
        export_jobs::ask_for_export,
        export_jobs::list_exports,
        export_jobs::show_export,
        export_jobs::cancel_export,
        export_jobs::fetch_export,
        audit::list_audit,
    )
)]
pub struct ApiDoc;
