//! Gateways of vendors: that they are asked as their documents say, and that what they answer and report is understood.

use motcua::domain::notice::{NoticeStatus, Proof};
use motcua::notices::sending::{Gateway, asking};
use motcua::schema::notice_receipts;
use serde_json::{Value, json};

use chrono::TimeDelta;
use diesel::prelude::*;

use super::gateway::{Does, SmsServer};
use super::given::{House, gateway};

/// A house whose SMS go to this kind of gateway, at an address of loopback.
fn house(server: &SmsServer, kind: &str, settings: &str, more: &str) -> House {
    let table = format!(
        "kind = \"{kind}\"\nreceipts = {{ secret = \"a-secret-of-theirs\" }}\n[settings]\n{settings}\n{}",
        more.replace("{server}", &server.url)
    );
    House::new(|config| drop(config.gateways.insert("vendor".to_owned(), gateway(&table))))
}

/// What becomes of a message for each answer of the vendor.
async fn outcomes(house: &House, server: &SmsServer, answers: &[(&'static str, &str)]) {
    for (answer, outcome) in answers {
        let before = house.many_sms(0);
        let id = *house.many_sms(1).iter().find(|id| !before.contains(id)).unwrap();
        server.next([Does::Says(200, "", answer)]);
        house.drain().await;
        assert_eq!(house.outcomes(id), [*outcome], "{answer}");
        // What rests after a refusal of us goes on later; what is tried again is taken.
        house.app.pass(TimeDelta::minutes(5));
        if house.queued().0 > 0 {
            server.next([Does::Says(200, "", answers[0].0)]);
            assert_eq!(house.drain().await.sent, 1, "{answer}");
        }
    }
}

async fn reported(house: &House, query: &str) -> NoticeStatus {
    let path = format!("/callbacks/vendor/a-secret-of-theirs?{query}");
    assert_eq!(house.app.read(&path).await.status, 200, "{query}");
    house.take_receipts();
    house.status(house.many_sms(0)[0])
}

fn body(server: &SmsServer, number: usize) -> Value {
    serde_json::from_str(&server.asked()[number].body).unwrap()
}

const ESMS: &str = "api_key = \"k\"\nsecret_key = \"s\"\nbrandname = \"TTPVHCC\"";
const ESMS_AT: &str = "[request]\nurl = \"{server}/send\"\n[pull.request]\nurl = \"{server}/status\"";

#[tokio::test]
async fn esms_is_asked_as_it_wants_and_understood() {
    let server = SmsServer::start();
    let house = house(&server, "esms", ESMS, ESMS_AT);
    let taken = r#"{"CodeResult":"100","CountRegenerate":0,"SMSID":"2f0fce6a"}"#;
    let all = [
        (taken, "accepted"),
        (r#"{"CodeResult":"124","ErrorMessage":"Request exist 1","SendStatus":"5"}"#, "duplicate"),
        (r#"{"CodeResult":"99","ErrorMessage":"blocked"}"#, "recipient"),
        (r#"{"CodeResult":"146","ErrorMessage":"template"}"#, "content"),
        (r#"{"error":"Invalid request"}"#, "ambiguous"),
    ];
    outcomes(&house, &server, &all).await;
    let asked = body(&server, 0);
    let id = asked["RequestId"].as_str().unwrap();
    assert!(house.many_sms(0).iter().any(|notice| notice.to_string() == id));
    assert_eq!(asked["Phone"], "84905123456");
    assert_eq!((&asked["SmsType"], &asked["IsUnicode"]), (&json!("2"), &json!("0")));
    let callback = asked["CallbackUrl"].as_str().unwrap();
    assert_eq!(callback, "https://motcua.example.vn/api/v1/callbacks/vendor/a-secret-of-theirs");
}

#[tokio::test]
async fn esms_reports_what_arrived_and_what_it_cost() {
    let server = SmsServer::start();
    let house = house(&server, "esms", ESMS, ESMS_AT);
    let id = house.one_sms();
    server.next([Does::Says(200, "", r#"{"CodeResult":"100","SMSID":"abc"}"#)]);
    house.drain().await;
    assert_eq!(reported(&house, "SMSID=abc&SendStatus=2&SendSuccess=0").await, NoticeStatus::Sent);
    let told = format!("SMSID=abc&SendStatus=5&SendSuccess=1&TotalPrice=850&RequestId={id}");
    assert_eq!(reported(&house, &told).await, NoticeStatus::Delivered);
    let price: Option<String> = notice_receipts::table
        .order(notice_receipts::id.desc())
        .select(notice_receipts::price)
        .first(&mut house.conn())
        .unwrap();
    assert_eq!(price.as_deref(), Some("850"));
    assert_eq!(reported(&house, "SMSID=abc&SendStatus=5&SendSuccess=0").await, NoticeStatus::Delivered);
}

#[tokio::test]
async fn esms_is_asked_what_became_of_a_message_of_which_no_report_comes() {
    let server = SmsServer::start();
    let house = house(&server, "esms", ESMS, ESMS_AT);
    let id = house.one_sms();
    server.next([Does::Says(200, "", r#"{"CodeResult":"100","SMSID":"abc"}"#)]);
    house.drain().await;
    let all = Gateway::all(&house.app.state.config).unwrap();
    assert_eq!(asking::tick(&house.app.state, &all).await.unwrap(), 0, "a report may be on its way");
    house.app.pass(TimeDelta::minutes(16));
    server.next([Does::Says(200, "", r#"{"CodeResponse":"100","SendStatus":5,"SendSuccess":1,"TotalPrice":850}"#)]);
    assert_eq!(asking::tick(&house.app.state, &all).await.unwrap(), 1);
    assert!(
        server.asked()[1].line.starts_with("GET /status?ApiKey=k&RefId=abc&SecretKey=s "),
        "{}",
        server.asked()[1].line
    );
    house.take_receipts();
    assert_eq!(house.status(id), NoticeStatus::Delivered);
    let proof: Proof = notice_receipts::table.select(notice_receipts::proof).first(&mut house.conn()).unwrap();
    assert_eq!(proof, Proof::Asked);
    assert_eq!(asking::tick(&house.app.state, &all).await.unwrap(), 0, "and nobody asks again");
}

#[tokio::test]
async fn what_a_gateway_never_had_is_sent_after_all() {
    let server = SmsServer::start();
    let more = r#"
        answer = { accepted = ["ok"] }
        sending = { class = "queryable" }
        request = { url = "{server}/send?id={id}" }
        [pull]
        code = ["/state"]
        delivered = ["there"]
        unknown = ["never"]
        request = { method = "get", url = "{server}/ask?id={id}" }
    "#;
    let table = format!("kind = \"http\"\n{}", more.replace("{server}", &server.url));
    let house = House::new(|config| drop(config.gateways.insert("vendor".to_owned(), gateway(&table))));
    let id = house.one_sms();
    server.next([Does::Says(500, "", "")]);
    house.drain().await;
    assert_eq!(house.status(id), NoticeStatus::InDoubt);
    let all = Gateway::all(&house.app.state.config).unwrap();
    house.app.pass(TimeDelta::minutes(3));
    server.next([Does::Says(200, "", r#"{"state":"never"}"#), Does::Says(200, "", "ok")]);
    asking::tick(&house.app.state, &all).await.unwrap();
    assert_eq!(house.drain().await.sent, 1);
    assert_eq!(house.status(id), NoticeStatus::Sent);
}

const VNPT: &str = "url = \"{server}/smsbn/api\"\nlabel_id = \"1\"\ncontract_id = \"2\"\ntemplate_id = \"3\"\n\
    agent_id = \"4\"\napi_user = \"u\"\napi_pass = \"p\"\nusername = \"n\"";

#[tokio::test]
async fn vnpt_is_asked_as_it_wants_and_understood() {
    let server = SmsServer::start();
    let house = house(&server, "vnpt", &VNPT.replace("{server}", &server.url), "");
    let said = |error: &str| -> &'static str {
        Box::leak(
            format!(r#"{{"RPLY":{{"name":"send_sms_list","ERROR":"{error}","ERROR_DESC":"x"}}}}"#).into_boxed_str(),
        )
    };
    let all = [
        (said("0"), "accepted"),
        (said("33"), "duplicate"),
        (said("23"), "recipient"),
        (said("30"), "content"),
        (said("-1"), "ambiguous"),
        (said("25"), "elsewhere"),
    ];
    outcomes(&house, &server, &all).await;
    let asked = &body(&server, 0)["RQST"];
    assert_eq!((&asked["MOBILELIST"], &asked["DATACODING"]), (&json!("84905123456"), &json!("0")));
    assert!(asked["REQID"].as_str().unwrap().parse::<u64>().is_ok());
    assert!(asked["PARAMS"][0]["CONTENT"].as_str().unwrap().starts_with("TTPVHCC: Ho so"));
}

const VIETTEL: &str =
    "url = \"{server}/bulkapi\"\nuser = \"u<&\"\npassword = \"p\"\ncp_code = \"C\"\nbrandname = \"TTPVHCC\"";

#[tokio::test]
async fn viettel_is_asked_in_soap_and_understood() {
    let server = SmsServer::start();
    let house = house(&server, "viettel", &VIETTEL.replace("{server}", &server.url), "");
    let said = |result: &str, message: &str| -> &'static str {
        let answer = format!(
            "<?xml version='1.0'?><S:Envelope xmlns:S='http://schemas.xmlsoap.org/soap/envelope/'><S:Body>\
             <ns2:wsCpMtResponse xmlns:ns2='http://impl.bulkSms.ws/'><return><message>{message}</message>\
             <result>{result}</result></return></ns2:wsCpMtResponse></S:Body></S:Envelope>"
        );
        Box::leak(answer.into_boxed_str())
    };
    let all = [
        (said("1", "Insert MT_QUEUE: OK"), "accepted"),
        (said("0", "Check ServiceID: DUPLICATE MESSAGE"), "duplicate"),
        (said("0", "Check ReceiverID: FORMAT_ERROR"), "recipient"),
        (said("0", "Check template: CONTENT_NOT_MATCH_TEMPLATE"), "content"),
        (said("0", "Check ServiceID: ALIAS_INVALID:TELCO=04"), "elsewhere"),
        ("<!DOCTYPE x [<!ENTITY y 'z'>]><result>1</result>", "ambiguous"),
    ];
    outcomes(&house, &server, &all).await;
    let asked = &server.asked()[0];
    assert!(asked.headers.to_lowercase().contains("content-type: text/xml"), "{}", asked.headers);
    for part in ["<UserID>84905123456</UserID>", "<ReceiverID>84905123456</ReceiverID>", "<ContentType>0</ContentType>"]
    {
        assert!(asked.body.contains(part), "{part} in {}", asked.body);
    }
}

#[tokio::test]
async fn speedsms_is_asked_with_its_token_and_understood() {
    let server = SmsServer::start();
    let settings = "access_token = \"t\"\nbrandname = \"TTPVHCC\"";
    let house = house(&server, "speedsms", settings, "[request]\nurl = \"{server}/sms/send\"");
    let all = [
        (
            r#"{"status":"success","code":"00","data":{"tranId":77,"totalSMS":1,"totalPrice":250,"invalidPhone":[]}}"#,
            "accepted",
        ),
        (r#"{"status":"error","code":"105","message":"phone"}"#, "recipient"),
        (r#"{"status":"error","code":"113","message":"long"}"#, "content"),
        (r#"<html>"#, "ambiguous"),
    ];
    outcomes(&house, &server, &all).await;
    let asked = &server.asked()[0];
    assert!(asked.headers.to_lowercase().contains("authorization: basic "), "{}", asked.headers);
    assert!(asked.headers.contains("Basic dDp4"), "{}", asked.headers);
    assert_eq!(body(&server, 0)["to"], json!(["84905123456"]));
}

#[tokio::test]
async fn fpt_gets_a_token_first_once_for_many_and_anew_when_it_has_ended() {
    let server = SmsServer::start();
    let settings = format!(
        "url = \"{}\"\nclient_id = \"c\"\nclient_secret = \"s\"\nsession_id = \"789\"\nbrandname = \"TTPVHCC\"",
        server.url
    );
    let house = house(&server, "fpt", &settings, "");
    house.many_sms(3);
    let token = r#"{"access_token":"first","expires_in":86400,"token_type":"Bearer"}"#;
    let taken = r#"{"MessageId":"m","Phone":"0905123456","PartnerId":"x"}"#;
    let says = |body| Does::Says(200, "", body);
    server.next([says(token), says(taken), says(taken), says(taken)]);
    assert_eq!(house.drain().await.sent, 3);
    let asked = server.asked();
    assert_eq!(asked.iter().filter(|asked| asked.line.contains("/oauth2/token")).count(), 1);
    let first = body(&server, 1);
    assert_eq!((&first["access_token"], &first["Phone"]), (&json!("first"), &json!("0905123456")));
    let words = data_encoding::BASE64.decode(first["Message"].as_str().unwrap().as_bytes()).unwrap();
    assert!(String::from_utf8(words).unwrap().starts_with("TTPVHCC: Ho so"));

    let before = house.many_sms(0);
    let id = *house.many_sms(1).iter().find(|id| !before.contains(id)).unwrap();
    let stale = r#"{"error":1011,"error_description":"access token"}"#;
    let second = r#"{"access_token":"second","expires_in":86400}"#;
    server.next([says(token), says(stale), says(second), says(taken)]);
    assert_eq!(house.drain().await.sent, 1);
    let last = server.asked().len() - 1;
    assert_eq!(body(&server, last)["access_token"], "second");
    assert_eq!(house.outcomes(id), ["accepted"]);
}

#[tokio::test]
async fn kannel_is_asked_by_get_and_reports_by_its_own_codes() {
    let server = SmsServer::start();
    let settings = "username = \"motcua\"\npassword = \"p\"";
    let house = house(&server, "kannel", settings, "[request]\nurl = \"{server}/cgi-bin/sendsms\"");
    let id = house.one_sms();
    server.next([Does::Says(202, "", "0: Accepted for delivery")]);
    house.drain().await;
    let line = server.asked()[0].line.clone();
    for part in ["GET /cgi-bin/sendsms?", "to=84905123456", "coding=0", "dlr-mask=31", "status%3D%25d"] {
        assert!(line.contains(part), "{part} in {line}");
    }
    assert_eq!(reported(&house, &format!("id={id}&status=8&reference=9")).await, NoticeStatus::Sent);
    assert_eq!(reported(&house, &format!("id={id}&status=1&reference=9")).await, NoticeStatus::Delivered);
}

#[tokio::test]
async fn receipts_from_elsewhere_than_the_settings_say_are_those_of_a_stranger() {
    let server = SmsServer::start();
    let table = |from: &str| {
        format!(
            "kind = \"esms\"\nreceipts = {{ secret = \"a-secret-of-theirs\", from = [\"{from}\"] }}\n[settings]\n{ESMS}\n{}",
            ESMS_AT.replace("{server}", &server.url)
        )
    };
    for (from, status) in [("203.0.113.0/24", 404), ("127.0.0.0/8", 200)] {
        let table = table(from);
        let house = House::new(|config| drop(config.gateways.insert("vendor".to_owned(), gateway(&table))));
        let path = "/callbacks/vendor/a-secret-of-theirs?SMSID=abc&SendStatus=5&SendSuccess=1";
        assert_eq!(house.app.read(path).await.status, status, "{from}");
    }
}
