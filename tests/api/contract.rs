//! The contract says of every operation what all have in common.

use serde_json::Value;

use crate::support::app::TestApp;

async fn operations() -> Vec<(String, Value)> {
    let document = TestApp::at("2026-10-05 09:00").await.read("/openapi.json").await.expect(200).body;
    let paths = document["paths"].as_object().unwrap();
    let of = |(path, item): (&String, &Value)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(|(method, operation)| (format!("{method} {path}"), operation.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    for (name, operation) in operations().await {
        let has = |status: &str| operation["responses"].get(status).is_some();
        for (status, response) in operation["responses"].as_object().unwrap() {
            let is_problem = response["content"].get("application/problem+json").is_some();
            assert_eq!(is_problem, status.starts_with(['4', '5']), "{name} {status}");
        }
        let asks_who =
            operation["security"].as_array().is_some_and(|ways| ways.iter().any(|way| way != &serde_json::json!({})));
        assert!(!asks_who || has("401") && has("403"), "{name}");
        assert!(
            operation.get("requestBody").is_none() || has("400") && has("413") && has("415") && has("422"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_parameter_is_where_the_contract_says() {
    for (name, operation) in operations().await {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let in_path = name.contains(&format!("{{{}}}", parameter["name"].as_str().unwrap()));
            assert_eq!(in_path, parameter["in"] == "path", "{name} {}", parameter["name"]);
            assert!(parameter["name"] != "limit" || parameter["schema"]["maximum"] == 200, "{name}");
        }
    }
}

#[tokio::test]
async fn an_operation_that_asks_who_it_is_says_so() {
    let app = TestApp::at("2026-10-05 09:00").await;
    for (name, operation) in operations().await {
        let (method, path) = name.split_once(' ').unwrap();
        let url = format!("{}{}", app.address(), path.replace(['{', '}'], ""));
        let answer = app.send(app.http.request(method.to_uppercase().parse().unwrap(), url)).await;
        assert!(answer.status != 401 || operation["responses"].get("401").is_some(), "{name}");
    }
}
