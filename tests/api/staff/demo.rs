use std::fs;
use std::os::unix::fs::PermissionsExt;

use motcua::config::Mode;
use motcua::staff::demo::make_accounts;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::house::House;

#[actix_web::test]
async fn the_demo_has_one_account_per_role_in_a_file_of_its_owner() {
    let house = House::open();
    let text = fs::read_to_string(house.demo_file()).unwrap();
    let listed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 10);
    assert_eq!(listed[0]["username"], "clerk");
    assert_eq!(listed[0]["role"], "clerk");
    assert_eq!(listed[0]["unit_code"], "H21.00.01");
    assert_eq!(listed[0]["password"], json!(house.password("clerk")));
    let mode = fs::metadata(house.demo_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[actix_web::test]
async fn a_second_start_leaves_everything_as_it_was() {
    let house = House::open();
    let before = fs::read(house.demo_file()).unwrap();
    let token = house.token("clerk").await;
    make_accounts(&house.app.state, house.app.state.clock.now(), &house.demo_file()).unwrap();
    assert_eq!(fs::read(house.demo_file()).unwrap(), before);
    assert_eq!(house.app.get("/me", &token).await.status, 200);
}

#[actix_web::test]
async fn a_lost_file_is_written_anew_with_new_passwords() {
    let house = House::open();
    fs::remove_file(house.demo_file()).unwrap();
    let now = house.app.state.clock.now();
    let accounts = make_accounts(&house.app.state, now, &house.demo_file()).unwrap();
    assert_eq!(house.log_in("clerk", &house.password("clerk")).await.status, 401);
    let clerk = accounts.iter().find(|account| account.username == "clerk").unwrap();
    assert_eq!(house.log_in("clerk", clerk.password.expose_secret()).await.status, 201);
}

#[actix_web::test]
async fn a_new_database_takes_the_passwords_of_the_file() {
    let (old, new) = (House::open(), House::open());
    new.sql("DELETE FROM second_factors; DELETE FROM staff");
    make_accounts(&new.app.state, new.app.state.clock.now(), &old.demo_file()).unwrap();
    assert_eq!(new.log_in("chair", &old.password("chair")).await.status, 201);
}

#[actix_web::test]
async fn a_file_that_others_could_read_is_closed_to_them() {
    let house = House::open();
    fs::set_permissions(house.demo_file(), fs::Permissions::from_mode(0o644)).unwrap();
    make_accounts(&house.app.state, house.app.state.clock.now(), &house.demo_file()).unwrap();
    let mode = fs::metadata(house.demo_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(house.log_in("clerk", &house.password("clerk")).await.status, 201);
}

#[actix_web::test]
async fn production_has_no_demo_accounts() {
    let mut house = House::open();
    house.sql("INSERT INTO installation (id, kind, made_at) VALUES (gen_random_uuid(), 'production', now())");
    assert!(make_accounts(&house.app.state, house.app.state.clock.now(), &house.demo_file()).is_err());
    house.sql("UPDATE installation SET kind = 'demo'");
    let mut config = (*house.app.state.config).clone();
    config.server.mode = Mode::Production;
    house.app.state.config = config.into();
    assert!(make_accounts(&house.app.state, house.app.state.clock.now(), &house.demo_file()).is_err());
}
