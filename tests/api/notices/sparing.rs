//! At most three messages of a dossier a day, and none that a later one has outdated.

use diesel::prelude::*;
use motcua::domain::ids::DossierId;
use motcua::domain::notice::{NoticeStatus, Purpose};
use motcua::schema::{notice_queue, notices};

use super::given::{House, People};
use crate::support::app::at;

struct Given {
    house: House,
    dossier: DossierId,
}

impl Given {
    fn new() -> Self {
        let house = House::new(|_| {});
        let dossier = house.dossier("H48.24-260925-0001", &People::default());
        Self { house, dossier }
    }

    fn tell(&self, purpose: Purpose) {
        assert_eq!(self.house.enqueue(&self.house.cause(self.dossier, purpose)), 1, "{purpose}");
    }

    /// What is in the queue, the first one first: what for, and whether it goes out before tomorrow.
    fn waiting(&self) -> Vec<(Purpose, bool)> {
        let rows: Vec<(Purpose, chrono::DateTime<chrono::Utc>)> = notice_queue::table
            .inner_join(notices::table)
            .order((notice_queue::run_at, notice_queue::notice_id))
            .select((notices::purpose, notice_queue::run_at))
            .load(&mut self.house.conn())
            .unwrap();
        rows.into_iter().map(|(purpose, run_at)| (purpose, run_at < at("2026-09-26 00:00"))).collect()
    }

    fn count(&self, status: NoticeStatus) -> i64 {
        notices::table.filter(notices::status.eq(status)).count().get_result(&mut self.house.conn()).unwrap()
    }
}

#[tokio::test]
async fn the_fourth_message_of_a_day_waits_for_the_morning() {
    let given = Given::new();
    for purpose in [Purpose::Registered, Purpose::Received, Purpose::Payment, Purpose::DueChanged] {
        given.tell(purpose);
    }
    let all: Vec<bool> = given.waiting().into_iter().map(|(_, today)| today).collect();
    assert_eq!(all, [true, true, true, false]);
    given.house.drain().await;
    assert_eq!(given.count(NoticeStatus::Sent), 3);
    given.house.app.set("2026-09-26 07:31");
    given.house.drain().await;
    assert_eq!(given.count(NoticeStatus::Sent), 4, "and is of use as long as ever");
}

#[tokio::test]
async fn what_asks_for_something_or_corrects_comes_at_once_all_the_same() {
    let given = Given::new();
    for purpose in [Purpose::Registered, Purpose::Received, Purpose::Payment, Purpose::Supplement] {
        given.tell(purpose);
    }
    assert!(given.waiting().iter().all(|(_, today)| *today));
}

#[tokio::test]
async fn another_dossier_of_the_same_number_has_its_own_three() {
    let given = Given::new();
    for purpose in [Purpose::Registered, Purpose::Received, Purpose::Payment] {
        given.tell(purpose);
    }
    let other = given.house.dossier("H48.24-260925-0002", &People::default());
    given.house.enqueue(&given.house.cause(other, Purpose::DueChanged));
    assert!(given.waiting().iter().all(|(_, today)| *today));
}

#[tokio::test]
async fn of_what_waits_for_the_morning_only_the_newest_word_goes_out() {
    let given = Given::new();
    given.house.app.set("2026-09-25 22:00");
    for purpose in [Purpose::Received, Purpose::DueChanged, Purpose::DueChanged, Purpose::ResultEarly] {
        given.tell(purpose);
    }
    let left: Vec<Purpose> = given.waiting().into_iter().map(|(purpose, _)| purpose).collect();
    assert_eq!(left.len(), 2);
    assert!(left.contains(&Purpose::Received) && left.contains(&Purpose::ResultEarly), "{left:?}");
    let why: Vec<Option<String>> = notices::table
        .filter(notices::status.eq(NoticeStatus::Cancelled))
        .select(notices::reason)
        .load(&mut given.house.conn())
        .unwrap();
    assert_eq!(why, [Some("outdated".to_owned()), Some("outdated".to_owned())]);
}

#[tokio::test]
async fn what_may_be_on_its_way_is_not_called_back() {
    let given = Given::new();
    given.tell(Purpose::DueChanged);
    // It is due: a worker may take it at any moment.
    given.tell(Purpose::ResultEarly);
    assert_eq!(given.count(NoticeStatus::Cancelled), 0);
}

#[tokio::test]
async fn what_the_same_event_told_already_stands_and_is_not_called_back_by_itself() {
    let given = Given::new();
    given.house.app.set("2026-09-25 22:00");
    let cause = given.house.cause(given.dossier, Purpose::ResultEarly);
    assert_eq!((given.house.enqueue(&cause), given.house.enqueue(&cause)), (1, 0));
    assert_eq!(given.waiting().len(), 1);
    assert_eq!(given.count(NoticeStatus::Cancelled), 0);
}
