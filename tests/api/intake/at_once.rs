//! Many dossiers of one submitter, and results that are made while one waits: one call each.

use serde_json::{Value, json};

use crate::support::app::intake;
use crate::support::office::{DEPARTMENT, ONE_DAY, Office, TEN_DAYS};

#[actix_web::test]
async fn many_dossiers_of_one_submitter_come_in_together() {
    let office = Office::at("2026-10-05 09:00").await;
    let submitter = json!({"kind": "citizen", "name": "Trần Văn Nộp", "id_number": "052190000999",
        "phone": "0905999888", "mandate": "submit_and_collect"});
    let dossiers = vec![intake(ONE_DAY, DEPARTMENT), intake(TEN_DAYS, DEPARTMENT), intake(ONE_DAY, DEPARTMENT)];
    let batch = json!({"submitter": submitter, "dossiers": dossiers});
    let received = office.app.post("/dossiers/batches", &office.clerk, &batch).await.expect(201);
    let codes = received.codes();
    assert_eq!(codes, ["H21.16-261005-0001", "H21.16-261005-0002", "H21.16-261005-0003"]);
    assert!(received.items().iter().all(|item| item["lookup_pin"].is_string()));
    assert_eq!(office.show(codes[1]).await["submitter"]["name"], "Trần Văn Nộp");
}

#[actix_web::test]
async fn one_wrong_dossier_keeps_all_of_them_out_and_every_fault_is_named() {
    let office = Office::at("2026-10-05 09:00").await;
    let mut wrong = intake("9.999999", DEPARTMENT);
    wrong["applicant"]["name"] = json!("");
    let batch = json!({"dossiers": [intake(ONE_DAY, DEPARTMENT), wrong]});
    let refused = office.app.post("/dossiers/batches", &office.clerk, &batch).await.expect(422);
    assert_eq!(refused.pointers(), ["/dossiers/1/procedure_code", "/dossiers/1/applicant/name"]);
    assert!(office.app.get("/dossiers", &office.clerk).await.expect(200).items().is_empty());
    let first = office.received(ONE_DAY).await;
    assert_eq!(first["code"], "H21.16-261005-0001", "no number was used up");
    for number in [json!([]), json!(vec![intake(ONE_DAY, DEPARTMENT); 101])] {
        let refused =
            office.app.post("/dossiers/batches", &office.clerk, &json!({"dossiers": number})).await.expect(422);
        assert_eq!(refused.faults(), [("/dossiers", "wrong_number")]);
    }
}

#[actix_web::test]
async fn a_result_made_while_one_waits_is_recorded_in_one_call() {
    let office = Office::at("2026-10-05 09:00").await;
    let mut form = intake(ONE_DAY, DEPARTMENT);
    form["immediate"] = json!({"result": "granted", "number": "12/CT", "signer": "Lê Thị Ký"});
    let done = office.app.post("/dossiers", &office.clerk, &form).await.expect(201).body;
    assert_eq!(
        (&done["status"], &done["standing"], &done["signer"]),
        (&json!("returned"), &json!("early"), &json!("Lê Thị Ký"))
    );
    let code = done["code"].as_str().unwrap();
    let events = office.app.get(&format!("/dossiers/{code}/events"), &office.clerk).await.expect(200);
    let verbs: Vec<_> = events.items().iter().map(|event| event["verb"].clone()).collect();
    assert_eq!(verbs, ["receive", "transfer", "finish", "hand_over"]);
    let told: Vec<_> = office.app.notices().into_iter().map(|(purpose, ..)| purpose).collect();
    assert!(told.iter().all(|purpose| purpose == "returned"), "{told:?}");
}

#[actix_web::test]
async fn who_receives_does_not_sign_and_what_takes_longer_is_not_made_while_one_waits() {
    let office = Office::at("2026-10-05 09:00").await;
    let refused = async |procedure: &str, immediate: Value| {
        let mut form = intake(procedure, DEPARTMENT);
        form["immediate"] = immediate;
        office.app.post("/dossiers", &office.clerk, &form).await.expect(422)
    };
    let own = refused(ONE_DAY, json!({"result": "granted", "signer": "Nguyễn Văn clerk"})).await;
    assert_eq!(own.faults(), [("/immediate/signer", "who_receives_does_not_sign")]);
    let nobody = refused(ONE_DAY, json!({"result": "granted"})).await;
    assert_eq!(nobody.pointers(), ["/immediate/signer"]);
    let bare = refused(ONE_DAY, json!({"signer": "Lê Thị Ký", "result": "refused"})).await;
    assert_eq!(bare.pointers(), ["/immediate/reason"]);
    let long = refused(TEN_DAYS, json!({"result": "granted", "signer": "Lê Thị Ký"})).await;
    assert_eq!(long.faults(), [("/immediate", "not_immediate")]);
}
