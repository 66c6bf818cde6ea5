//! The fuzz targets are built by a toolchain of their own; that their office can still be made is seen here.

#[path = "../../fuzz/src/lib.rs"]
#[expect(clippy::expect_used, reason = "a target that can't be made must say why")]
mod office;

#[test]
fn the_office_of_the_fuzz_targets_can_be_made() {
    let act = office::act();
    assert_eq!(act.now, office::now());
    assert_eq!(office::OFFICE.catalogue.units().len(), 1);
    assert!(act.catalogue().unit_by_code("H21.16").is_some());
}
