//! By which plan PostgreSQL carries a claim out: row by row over indexes, however much lies in the queue, dead or alive.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use motcua::domain::notice::NoticeChannel;

use super::dispatch::by_get;
use super::gateway::SmsServer;
use super::given::{ELSEWHERE, House};

/// Notes the plan of every claim where it is carried out: a trigger runs in its transaction, with what was set for it, and
/// asks for the plan of the very statement that the connection keeps. What is handed over is what a claim would: a plan
/// made for it alone would be by these values.
const NOTE_PLANS: &str = r#"
CREATE TABLE claim_plans (claim text, step text);
GRANT INSERT ON claim_plans TO PUBLIC;
CREATE FUNCTION note_claim_plan() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    claim text := substring(current_query() FROM '^-- notices::sending::claim::(\w+)');
    told text := $told$('{0,0,1,1,5,5,9,9}', 'sms', '2026-09-25 09:00+07', array_fill(timestamptz 'epoch', '{8}'), 100,
        '2026-09-25 09:01+07', '00000000-0000-7000-8000-000000000001', 'sms', '{sms,"",sms,"",sms,"",sms,""}'$told$;
    step text;
BEGIN
    IF claim = 'claim_in_turns' THEN
        told := told || (SELECT format(', %L, 50', array_agg(id)) FROM units, generate_series(1, 4));
    END IF;
    IF claim IS NOT NULL THEN
        FOR step IN EXECUTE (SELECT format('EXPLAIN EXECUTE %I %s)', name, told)
            FROM pg_prepared_statements WHERE statement = current_query())
        LOOP
            INSERT INTO claim_plans VALUES (claim, step);
        END LOOP;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_claim_plan AFTER UPDATE ON notice_queue FOR EACH STATEMENT EXECUTE FUNCTION note_claim_plan()"#;

/// Half of those that wait are another unit's. Behind them three thousand more are due, of both units in turn, and as many
/// dead rows lie among them: so many that to join the whole queue by hash looks cheapest where nothing forbids it.
const CROWD: &str = "
SET session_replication_role = replica;
UPDATE notice_queue SET run_at = run_at - interval '1 hour';
UPDATE notice_queue SET unit_id = (SELECT id FROM units WHERE code = 'ELSEWHERE')
    WHERE notice_id IN (SELECT notice_id FROM notice_queue ORDER BY notice_id LIMIT 10);
CREATE TABLE crowd AS SELECT n.* FROM (SELECT * FROM notices LIMIT 1) n CROSS JOIN generate_series(1, 3000);
UPDATE crowd SET id = gen_random_uuid(), event_id = gen_random_uuid();
INSERT INTO notices SELECT * FROM crowd;
INSERT INTO notice_queue (notice_id, channel, priority, run_at, attempt, gateway, not_by, unit_id)
    SELECT c.id, q.channel, q.priority, q.run_at + interval '1 minute', 0, q.gateway, q.not_by, u.id
    FROM (SELECT * FROM notice_queue LIMIT 1) q
    CROSS JOIN (SELECT id, row_number() OVER () % 2 AS turn FROM crowd) c
    JOIN (SELECT id, row_number() OVER () % 2 AS turn FROM units) u USING (turn);
UPDATE notice_queue SET run_at = run_at + interval '1 minute' WHERE notice_id IN (SELECT id FROM crowd);
SET session_replication_role = origin;
ANALYZE";

#[derive(QueryableByName)]
struct Plan {
    #[diesel(sql_type = Text)]
    claim: String,
    #[diesel(sql_type = Text)]
    steps: String,
}

#[tokio::test]
async fn a_claim_goes_by_nested_loops_over_indexes_however_much_lies_in_the_queue() {
    let server = SmsServer::start();
    let house = House::new(|config| {
        by_get(&server)(config);
        config.notices.batch = 4;
    });
    house.many_sms(20);
    // Somebody reads for an hour: nothing that dies is cleared away.
    let mut reader = house.conn();
    reader.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM notice_queue").unwrap();
    house.conn().batch_execute(&CROWD.replace("ELSEWHERE", ELSEWHERE)).unwrap();
    house.conn().batch_execute(NOTE_PLANS).unwrap();

    let lanes = house.lanes();
    let lane = lanes.iter().find(|lane| lane.channel() == NoticeChannel::Sms).unwrap();
    // By due date; then, as that was full, it is looked who is waiting; then in turns.
    for _ in 0..3 {
        let tick = lane.tick(&house.app.state, &house.stop).await.unwrap();
        assert_eq!((tick.claimed, tick.sent), (4, 4), "{tick:?}");
    }

    let plans: Vec<Plan> = diesel::sql_query(
        "SELECT claim, string_agg(step, E'\\n') AS steps FROM claim_plans GROUP BY claim ORDER BY claim",
    )
    .load(&mut house.conn())
    .unwrap();
    assert_eq!(plans.iter().map(|plan| &*plan.claim).collect::<Vec<_>>(), ["claim", "claim_in_turns"]);
    for Plan { claim, steps } in plans {
        assert!(steps.contains("Nested Loop") && steps.contains("Index Scan using notice_queue_"), "{claim}:\n{steps}");
        for of_the_whole in ["Hash Join", "Merge Join", "Seq Scan"] {
            assert!(!steps.contains(of_the_whole), "{of_the_whole} in {claim}:\n{steps}");
        }
    }
}
