use motcua::domain::role::Role;
use motcua::staff::command::{KeyCommand, StaffCommand, Terminal, key, staff};

use super::house::House;

fn run(house: &House, command: StaffCommand, typed: &str) -> anyhow::Result<String> {
    let mut terminal = Terminal { input: typed.as_bytes(), output: Vec::new() };
    staff(&house.app.state, house.app.state.clock.now(), command, &mut terminal)?;
    Ok(String::from_utf8(terminal.output)?)
}

fn run_key(house: &House, command: KeyCommand) -> anyhow::Result<String> {
    let mut output = Vec::new();
    key(&house.app.state, house.app.state.clock.now(), command, &mut output)?;
    Ok(String::from_utf8(output)?)
}

fn adding(username: &str, role: Role, generate: bool) -> StaffCommand {
    StaffCommand::Add {
        username: username.to_owned(),
        full_name: "Nguyễn Thị Mai".to_owned(),
        role,
        unit: "H21.16".to_owned(),
        generate,
    }
}

#[actix_web::test]
async fn an_account_made_at_the_terminal_logs_in_until_it_is_disabled() {
    let house = House::open();
    let said = run(&house, adding("mai.nt", Role::Officer, false), "một mật khẩu dài\n").unwrap();
    assert!(!said.contains("mật khẩu dài"));
    let opened = house.log_in("mai.nt", "một mật khẩu dài").await;
    assert_eq!(opened.status, 201);
    let listed = run(&house, StaffCommand::List, "").unwrap();
    assert!(listed.contains("mai.nt\tofficer\tH21.16\tenabled"), "{listed}");
    assert_eq!(listed.lines().count(), 11);
    let username = "mai.nt".to_owned();
    run(&house, StaffCommand::Disable { username }, "").unwrap();
    assert_eq!(house.log_in("mai.nt", "một mật khẩu dài").await.status, 401);
    assert_eq!(house.app.get("/me", &opened.field("token")).await.status, 401);
}

#[actix_web::test]
async fn a_password_is_made_up_on_request_and_printed_once() {
    let house = House::open();
    let said = run(&house, adding("mai.nt", Role::Officer, true), "").unwrap();
    let password = said.lines().find_map(|line| line.strip_prefix("Password: ")).unwrap();
    assert_eq!(house.log_in("mai.nt", password).await.status, 201);
    let command = StaffCommand::Password { username: "mai.nt".to_owned(), generate: false };
    run(&house, command, "một mật khẩu khác\r\n").unwrap();
    assert_eq!(house.log_in("mai.nt", password).await.status, 401);
    assert_eq!(house.log_in("mai.nt", "một mật khẩu khác").await.status, 201);
}

#[actix_web::test]
async fn the_terminal_refuses_what_the_api_refuses() {
    let house = House::open();
    for (command, typed, said) in [
        (adding("mai.nt", Role::Officer, false), "short\n", "at least 12"),
        (adding("mai.nt", Role::Officer, false), "", "at least 12"),
        (adding("Mai Nt", Role::Officer, true), "", "small letters"),
        (adding("mai.nt", Role::Portal, true), "", "only for API keys"),
        (adding("clerk", Role::Clerk, true), "", "is taken"),
    ] {
        let refused = run(&house, command, typed).unwrap_err();
        assert!(refused.to_string().contains(said), "{refused}");
    }
    let nobody = StaffCommand::Disable { username: "nobody".to_owned() };
    assert!(run(&house, nobody, "").is_err());
}

#[actix_web::test]
async fn a_key_made_at_the_terminal_opens_until_it_is_revoked() {
    let house = House::open();
    let add = |role| KeyCommand::Add {
        name: "Quầy 1".to_owned(),
        role,
        unit: "H21.00.01".to_owned(),
        device: None,
        scopes: None,
        addresses: None,
        expires_at: None,
    };
    assert!(run_key(&house, add(Role::Admin)).is_err());
    let shown = run_key(&house, add(Role::Portal)).unwrap().trim().to_owned();
    assert_eq!(house.app.get("/me", &shown).await.status, 200);
    let prefix = shown[4..12].to_owned();
    let listed = run_key(&house, KeyCommand::List).unwrap();
    assert!(listed.starts_with(&format!("{prefix}\tportal\tH21.00.01\tvalid")), "{listed}");
    let rotate = || KeyCommand::Rotate { prefix: prefix.clone(), overlap_hours: 1 };
    let new = run_key(&house, rotate()).unwrap().trim().to_owned();
    assert_eq!(house.app.get("/me", &new).await.status, 200);
    assert!(run_key(&house, rotate()).unwrap_err().to_string().contains("make a new one"));
    assert!(run_key(&house, KeyCommand::List).unwrap().contains(&format!("{prefix}\tportal\tH21.00.01\treplaced")));
    run_key(&house, KeyCommand::Revoke { prefix }).unwrap();
    assert!(run_key(&house, KeyCommand::List).unwrap().contains("revoked"));
    house.app.pass(chrono::TimeDelta::seconds(2));
    assert_eq!(house.app.get("/me", &shown).await.status, 401);
    let prefix = "nothing".to_owned();
    assert!(run_key(&house, KeyCommand::Revoke { prefix }).is_err());
}
