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
fn an_unknown_key_or_a_bad_value_is_named() {
    for (text, named) in [
        ("[server]\ncolour = 'red'", "colour"),
        ("[server]\nbind = 'nowhere'", "server.bind"),
        ("[sms]\nvia = 'pigeon'", "sms.via"),
        ("[database]\nconnections = 0", "database.connections"),
        ("[worker]\ncalendar_batch = 0", "worker.calendar_batch"),
        ("[sms]\nvia = 'http'", "sms.url"),
        ("[email]\nvia = 'smtp'", "email.host"),
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
