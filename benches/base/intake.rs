//! A dossier as a counter sends it.

use serde_json::{Value, json};

/// What somebody asks of a unit, by phone and mail to be told of it.
pub fn intake(procedure: &str, unit: &str) -> Value {
    json!({
        "procedure_code": procedure, "unit_code": unit,
        "applicant": { "name": "Nguyễn Thị Ánh", "id_number": "052190000123", "phone": "0905123456",
            "email": "anh@example.vn" },
        "papers": [{ "name": "Tờ khai", "kind": "original", "quantity": 1 }],
    })
}
