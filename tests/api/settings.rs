//! Settings: unknown keys, senseless values and missing secrets stop the start, naming the key.

use motcua::app;
use motcua::config::{Config, Mode};
use motcua::platform::clock::Clock;
use tempfile::TempDir;

fn load(text: &str) -> Result<Config, String> {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("motcua.toml");
    std::fs::write(&file, text).unwrap();
    Config::load(&[file]).map_err(|err| err.to_string())
}

#[test]
fn the_shipped_settings_can_be_used() {
    assert!(load("").is_ok());
}

#[test]
fn the_shipped_examples_can_be_used() {
    for example in [
        "config/examples/kannel.toml",
        "config/examples/sms-json.toml",
        "config/examples/several-gateways.toml",
        "config/examples/zalo.toml",
        "docker/motcua.toml",
    ] {
        let text = std::fs::read_to_string(example).unwrap();
        let config = load(&text).unwrap_or_else(|fault| panic!("{example}: {fault}"));
        assert!(!config.gateways.is_empty(), "{example}");
    }
}

#[test]
fn an_unknown_key_or_a_bad_value_is_named() {
    for (text, named) in [
        ("[server]\ncolour = 'red'", "colour"),
        ("[server]\nbind = 'nowhere'", "server.bind"),
        ("[gateways.sms]\nkind = 'pigeon'", "there is no kind `pigeon`"),
        ("[gateways.sms]\nkind = 'esms'\ncolour = 'red'", "colour"),
        ("[gateways.sms]\nkind = 'esms'", "gateways.sms.settings.api_key"),
        ("[gateways.sms]\nkind = 'http'\nsending = { in_flight = 0 }", "gateways.sms.sending.in_flight"),
        ("[gateways.SMS]\nkind = 'file'\nchannel = 'sms'", "gateways.SMS"),
        ("[notices]\nday_to = '07:20'", "notices.day_to"),
        ("[notices]\nday_to = 'late'", "day_to"),
        ("[notices.hours.collect_reminder]\nfrom = '11:00'\nto = '08:00'", "notices.hours"),
        ("[notices.hours.pigeon]\nfrom = '11:00'\nto = '12:00'", "pigeon"),
        ("[database]\nconnections = 0", "database.connections"),
        ("[statistics]\nfewest_to_expect = 9", "statistics.fewest_to_expect"),
        ("[statistics]\nexpect_days = 0", "statistics.expect_days"),
        ("[worker]\ncalendar_batch = 0", "worker.calendar_batch"),
        ("[exports]\nstatement_timeout_ms = 0", "exports.statement_timeout_ms"),
        ("[gateways.sms]\nkind = 'http'", "gateways.sms.request.url"),
        ("[gateways.sms]\nkind = 'http'\nrequest = { url = 'http://x' }", "gateways.sms.answer.accepted"),
        (
            "[gateways.z]\nkind = 'zalo'\n[gateways.z.settings]\napp_id = '1'\nsecret_key = 'k'\noa_secret = 's'",
            "gateways.z.settings.refresh_token",
        ),
        ("[gateways.mail]\nkind = 'smtp'\nhost = ''", "gateways.mail.host"),
        ("[notices]\nsender = 'Trung tâm Phục vụ hành chính công tỉnh Gia Lai'", "notices.sender"),
    ] {
        let refused = load(text).unwrap_err();
        assert!(refused.contains(named), "{text}: {refused}");
    }
}

#[test]
fn production_refuses_to_start_without_secrets_or_with_a_short_one() {
    let short = "c2hvcnQ=".to_owned();
    for (keys, index_key) in [(None, String::new()), (Some(short.clone()), "A".repeat(44)), (None, short)] {
        let mut config = Config::defaults().unwrap();
        config.server.mode = Mode::Production;
        config.secrets.index_key = index_key.into();
        if let Some(key) = keys {
            config.secrets.sealing_keys.insert("1".to_owned(), key.into());
        }
        let refused = app::state(config, "postgres://nowhere", Clock::System).err().unwrap();
        assert!(format!("{refused:#}").contains("secrets."), "{refused:#}");
    }
}
