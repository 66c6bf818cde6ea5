//! The descriptions of gateways that come with the program.

const PRESETS: [(&str, &str); 9] = [
    ("http", include_str!("../../../config/gateways/http.toml")),
    ("kannel", include_str!("../../../config/gateways/kannel.toml")),
    ("esms", include_str!("../../../config/gateways/esms.toml")),
    ("vnpt", include_str!("../../../config/gateways/vnpt.toml")),
    ("viettel", include_str!("../../../config/gateways/viettel.toml")),
    ("speedsms", include_str!("../../../config/gateways/speedsms.toml")),
    ("zalo", include_str!("../../../config/gateways/zalo.toml")),
    ("fcm", include_str!("../../../config/gateways/fcm.toml")),
    ("fpt", include_str!("../../../config/gateways/fpt.toml")),
];

/// Finds the description of a kind.
pub(super) fn find(kind: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(name, _)| *name == kind).map(|(_, text)| *text)
}

/// Lists every kind that has one.
pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}
