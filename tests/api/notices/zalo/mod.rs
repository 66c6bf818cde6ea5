//! Zalo ZNS: messages by templates that it keeps, tokens that are good once, receipts that it signs.

mod receipts;
mod sending;
mod server;
mod tokens;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::config::GatewayConfig;
use motcua::domain::ids::NoticeId;
use motcua::domain::notice::Purpose;
use motcua::schema::{dossiers, notices};
use uuid::Uuid;

use self::server::ZaloServer;
use super::given::{House, People, gateway};

/// Zalo as the settings have it.
fn zalo(server: &ZaloServer, refresh_token: &str) -> GatewayConfig {
    gateway(&format!(
        "kind = \"zalo\"\nreceipts = {{ secret = \"a-secret-of-zalos\" }}\n\
         [settings]\napp_id = \"4711\"\nsecret_key = \"key of the app\"\noa_secret = \"secret of the account\"\n\
         refresh_token = \"{refresh_token}\"\n\
         [request]\nurl = \"{url}/message/template\"\n\
         [token.request]\nurl = \"{url}/v4/oa/access_token\"\n",
        url = server.url
    ))
}

/// A house with one gateway, `zalo`, for which Zalo has numbered the wording of early results.
fn house(server: &ZaloServer) -> House {
    house_with(&[("zalo", server)], "zalo")
}

/// A house with several, of which one has a number for the wording.
fn house_with(servers: &[(&str, &ZaloServer)], numbered: &str) -> House {
    let house = House::new(|config| {
        let gateways = servers.iter().map(|(name, server)| ((*name).to_owned(), zalo(server, "refresh-1")));
        config.gateways.extend(gateways);
    });
    house
        .conn()
        .batch_execute(&format!(
            "INSERT INTO notice_template_vendor_ids (template_id, gateway, vendor_id, set_at, set_by)
             SELECT id, '{numbered}', '342518', '2026-09-01', 'test' FROM notice_templates
             WHERE channel = 'zalo' AND purpose = 'result_early'"
        ))
        .unwrap();
    house
}

/// Writes one that a result is ready early, for a dossier of its own that allows Zalo alone.
fn one_notice(house: &House) -> NoticeId {
    assert_eq!(written(house), 1);
    notices::table.select(notices::id).order(notices::id.desc()).first(&mut house.conn()).unwrap()
}

fn written(house: &House) -> usize {
    let people = People { flags: (false, false), ..People::default() };
    let dossier = house.dossier(&format!("H48.24-260925-{}", Uuid::now_v7().simple()), &people);
    let by_zalo = dossiers::notify_zalo.eq(true);
    diesel::update(dossiers::table.find(dossier)).set(by_zalo).execute(&mut house.conn()).unwrap();
    house.enqueue(&house.cause(dossier, Purpose::ResultEarly))
}
