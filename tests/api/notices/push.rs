//! Pushes to the app of citizens, by a server that answers as Firebase and Google's token server do.

use std::process::Command;
use std::sync::LazyLock;

use chrono::TimeDelta;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use diesel::prelude::*;
use motcua::notices::sending::{Gateway, Lane, drain};
use motcua::platform::stop::stop;
use motcua::schema::{citizen_devices, notice_attempts, notices};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};

use super::gateway::{Asked, Does, SmsServer};
use super::given::gateway;
use crate::support::office::{Office, TEN_DAYS};

const ANH: &str = "052190000123";
/// A key of a service account, made anew for each run: no key lies in the tree.
static KEY: LazyLock<String> = LazyLock::new(|| {
    let arguments = ["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    let made = Command::new("openssl").args(arguments).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    String::from_utf8(made.stdout).unwrap()
});
const GRANTED: &str = r#"{"access_token":"of-google","expires_in":3599,"token_type":"Bearer"}"#;
const TAKEN: &str = r#"{"name":"projects/motcua-demo/messages/0:1500415314455276%31bd1c9631bd1c96"}"#;

fn says(body: &'static str) -> Does {
    Does::Says(200, "", body)
}

/// An office whose pushes go to this server.
async fn office(server: &SmsServer) -> Office {
    let table = format!(
        "kind = \"fcm\"\n[settings]\nproject = \"motcua-demo\"\nclient_email = \"push@motcua-demo.example\"\n\
         private_key = '''{key}'''\n[request]\nurl = \"{url}/v1/projects/{{project}}/messages:send\"\n\
         [token.request]\nurl = \"{url}/token\"\n[token.assertion]\naudience = \"{url}/token\"\n",
        key = KEY.as_str(),
        url = server.url
    );
    Office::with("2026-10-05 09:00", |config| drop(config.gateways.insert("fcm".to_owned(), gateway(&table)))).await
}

fn sent_to_fcm(server: &SmsServer) -> Vec<(Asked, Value)> {
    let asked = server.asked().into_iter().filter(|asked| asked.line.contains("messages:send"));
    asked.map(|asked| (asked.clone(), serde_json::from_str(&asked.body).unwrap())).collect()
}

/// Status of each push, the first first.
fn pushes(office: &Office) -> Vec<String> {
    notices::table
        .filter(notices::channel.eq("push"))
        .order(notices::id)
        .select(notices::status)
        .load(&mut office.app.db.connect())
        .unwrap()
}

#[actix_web::test]
async fn news_go_to_each_device_of_the_person_and_say_nothing_but_of_which_dossier() {
    let server = SmsServer::start();
    let office = office(&server).await;
    let app = &office.app;
    let anh = app.citizen_with(ANH);
    app.device(&anh, "phone", "token:of_the-phone").await;
    let english = json!({"token": "token:of_the-tablet", "language": "en"});
    app.put("/citizen/devices/tablet", &anh, &english).await.expect(200);
    app.device(&app.citizen_with("052190000456"), "phone", "token-of-somebody-else").await;
    let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    server.next([says(GRANTED), says(TAKEN), says(TAKEN)]);
    app.work().await;
    assert_eq!(pushes(&office), ["sent", "sent"]);
    let mut sent = sent_to_fcm(&server);
    sent.sort_by_key(|(_, body)| body["message"]["token"].as_str().unwrap().to_owned());
    let [(asked, phone), (_, tablet)] = &sent[..] else { panic!("{sent:?}") };
    assert!(asked.line.starts_with("POST /v1/projects/motcua-demo/messages:send "), "{}", asked.line);
    assert!(asked.headers.to_lowercase().contains("authorization: bearer of-google"), "{}", asked.headers);
    let message = &phone["message"];
    assert_eq!(message["token"], "token:of_the-phone");
    let words = format!("Hồ sơ {code} có tin mới. Mở ứng dụng để xem.");
    assert_eq!(message["notification"], json!({"title": "TTPVHCC", "body": words}));
    let id = message["data"]["notice"].as_str().unwrap();
    assert_eq!(message["data"], json!({"notice": id, "dossier": code}));
    assert_eq!(message["android"]["notification"]["tag"], id);
    assert_eq!(message["apns"]["headers"]["apns-collapse-id"], id);
    let ttl = message["android"]["ttl"].as_str().unwrap().strip_suffix('s').unwrap().parse::<i64>().unwrap();
    assert!((86_340..=86_400).contains(&ttl), "{ttl}");
    let ends: i64 = message["apns"]["headers"]["apns-expiration"].as_str().unwrap().parse().unwrap();
    assert_eq!(ends, (app.state.clock.now() + TimeDelta::days(1)).timestamp());
    let english = &tablet["message"]["notification"]["body"];
    assert_eq!(english, &json!(format!("Dossier {code} has news. Open the app to read it.")));
    for (asked, _) in &sent {
        for who in [ANH, "Ánh", "905123456", "Lý lịch"] {
            assert!(!asked.body.contains(who), "{who} in {}", asked.body);
        }
    }
}

#[actix_web::test]
async fn the_token_is_asked_for_by_a_statement_that_the_service_account_signed() {
    let server = SmsServer::start();
    let office = office(&server).await;
    office.app.device(&office.app.citizen_with(ANH), "phone", "token-of-the-phone").await;
    office.received(TEN_DAYS).await;
    server.next([says(GRANTED), says(TAKEN)]);
    office.app.work().await;
    let asked = server.asked().into_iter().find(|asked| asked.line.starts_with("POST /token ")).unwrap();
    assert!(asked.body.contains("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"), "{}", asked.body);
    let statement = asked.body.split('&').find_map(|pair| pair.strip_prefix("assertion=")).unwrap();
    let (said, signature) = statement.rsplit_once('.').unwrap();
    let packed: String = KEY.lines().filter(|line| !line.starts_with('-')).collect();
    let pair = RsaKeyPair::from_pkcs8(&BASE64.decode(packed.as_bytes()).unwrap()).unwrap();
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public().as_ref());
    public.verify(said.as_bytes(), &BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap()).unwrap();
    let parts: Vec<Value> = said
        .split('.')
        .map(|part| serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap())
        .collect();
    assert_eq!(parts[0], json!({"alg": "RS256", "typ": "JWT"}));
    let claims = &parts[1];
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!("push@motcua-demo.example"), &json!(format!("{}/token", server.url)))
    );
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/firebase.messaging");
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3600);
}

/// What Firebase answers, what that is, and whether the device is known afterwards.
const ANSWERS: [(u16, &str, &str, &str, bool); 9] = [
    (
        404,
        "",
        r#"{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"UNREGISTERED"}]}}"#,
        "recipient",
        false,
    ),
    (
        400,
        "",
        r#"{"error":{"code":400,"message":"The registration token is not a valid FCM registration token","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"INVALID_ARGUMENT"}]}}"#,
        "recipient",
        false,
    ),
    (
        403,
        "",
        r#"{"error":{"code":403,"message":"SenderId mismatch","status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"SENDER_ID_MISMATCH"}]}}"#,
        "recipient",
        false,
    ),
    (
        400,
        "",
        r#"{"error":{"code":400,"message":"Android message is too big","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"INVALID_ARGUMENT"}]}}"#,
        "content",
        true,
    ),
    (403, "", r#"{"error":{"code":403,"message":"no permission","status":"PERMISSION_DENIED"}}"#, "account", true),
    (
        401,
        "",
        r#"{"error":{"code":401,"message":"Auth error from APNS or Web Push Service","status":"UNAUTHENTICATED","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"THIRD_PARTY_AUTH_ERROR"}]}}"#,
        "account",
        true,
    ),
    (
        429,
        "Retry-After: 60\r\n",
        r#"{"error":{"code":429,"message":"Quota exceeded","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"QUOTA_EXCEEDED"}]}}"#,
        "throttled",
        true,
    ),
    (
        503,
        "Retry-After: 30\r\n",
        r#"{"error":{"code":503,"message":"The service is currently unavailable.","status":"UNAVAILABLE"}}"#,
        "throttled",
        true,
    ),
    (500, "", r#"{"error":{"code":500,"message":"Internal error","status":"INTERNAL"}}"#, "ambiguous", true),
];

#[actix_web::test]
async fn what_firebase_answers_is_understood_and_a_device_that_is_gone_is_forgotten() {
    let server = SmsServer::start();
    let office = office(&server).await;
    let app = &office.app;
    let anh = app.citizen_with(ANH);
    for (status, header, body, outcome, is_kept) in ANSWERS {
        app.device(&anh, "phone", "token-of-the-phone").await;
        office.received(TEN_DAYS).await;
        server.next([says(GRANTED), Does::Says(status, header, body)]);
        app.work().await;
        let last: String = notice_attempts::table
            .filter(notice_attempts::gateway.eq("fcm"))
            .order((notice_attempts::notice_id.desc(), notice_attempts::started_at.desc()))
            .select(notice_attempts::outcome)
            .first(&mut app.db.connect())
            .unwrap();
        assert_eq!(last, outcome, "{body}");
        let known: i64 = citizen_devices::table.count().get_result(&mut app.db.connect()).unwrap();
        assert_eq!(known, i64::from(is_kept), "{body}");
        // What waits is taken later; a push whose answer was lost is made again, under the same tag.
        app.pass(TimeDelta::minutes(4));
        server
            .next([says(GRANTED), says(TAKEN)].into_iter().filter(|_| pushes(&office).contains(&"queued".to_owned())));
        app.work().await;
        assert!(!pushes(&office).contains(&"queued".to_owned()), "{body}");
    }
    let tag = |body: &Value| body["message"]["android"]["notification"]["tag"].clone();
    let sent = sent_to_fcm(&server);
    let [.., (_, first), (_, again)] = &sent[..] else { panic!() };
    assert_eq!(tag(first), tag(again));
    assert_eq!(pushes(&office).iter().filter(|status| *status == "failed").count(), 4);
}

#[actix_web::test]
async fn a_token_that_google_takes_no_more_is_fetched_anew_at_once() {
    let server = SmsServer::start();
    let office = office(&server).await;
    let app = &office.app;
    app.device(&app.citizen_with(ANH), "phone", "token-of-the-phone").await;
    let lanes = Lane::all(&app.state, Gateway::all(&app.state.config).unwrap());
    let (_stopper, stop) = stop();
    office.received(TEN_DAYS).await;
    let stale = r#"{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}"#;
    let newer = says(r#"{"access_token":"a-newer-one","expires_in":3599}"#);
    server.next([says(GRANTED), Does::Says(401, "", stale), newer, says(TAKEN)]);
    drain(&app.state, &lanes, &stop).await.unwrap();
    assert_eq!(pushes(&office), ["sent"], "in the same try");
    assert!(sent_to_fcm(&server)[1].0.headers.contains("Bearer a-newer-one"));
}

#[actix_web::test]
async fn no_one_time_code_is_pushed_and_nothing_where_no_gateway_would_take_it() {
    let server = SmsServer::start();
    let with = office(&server).await;
    let without = Office::at("2026-10-05 09:00").await;
    for office in [&with, &without] {
        office.app.device(&office.app.citizen_with(ANH), "phone", "token-of-the-phone").await;
        let code = office.in_process(TEN_DAYS).await;
        server.next([says(GRANTED), says(TAKEN)]);
        office.app.citizen_of(&code).await;
    }
    assert_eq!(pushes(&with), ["sent"]);
    assert_eq!(pushes(&without), Vec::<String>::new());
}

#[actix_web::test]
async fn what_can_not_be_a_key_is_named_at_the_start() {
    let server = SmsServer::start();
    let mut config = motcua::config::Config::defaults().unwrap();
    let table = format!(
        "kind = \"fcm\"\n[settings]\nproject = \"p\"\nclient_email = \"e\"\nprivate_key = \"no key\"\n[request]\nurl = \"{}\"",
        server.url
    );
    config.gateways.insert("fcm".to_owned(), gateway(&table));
    let fault = Gateway::all(&config).err().unwrap().to_string();
    assert!(fault.starts_with("gateways.fcm.token.assertion.key: "), "{fault}");
}
