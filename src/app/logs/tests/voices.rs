//! Muting hides lines and loses none: whatever is muted while lines come and go, what is shown is what is heard of all.
use super::*;

fn pane() -> LogPane {
    let mut pane = LogPane::new(60_000, 100);
    pane.turn_to(ServiceKind::ALL.map(service).to_vec());
    assert!(pane.open(Timestamp::UNIX_EPOCH).is_some());
    pane
}

fn keys(buffer: &Buffer) -> Vec<Key> {
    buffer.walk(Key::FIRST).map(|shown| shown.row.key).collect()
}

/// The keys that are shown if nobody is muted, of those that are heard now.
fn heard(pane: &LogPane) -> Vec<Key> {
    let mut all = pane.buffer.clone();
    all.mute(|_| false);
    let rows = all.walk(Key::FIRST);
    let rows = rows.filter(|shown| !pane.is_muted(&shown.lane.service));
    rows.map(|shown| shown.row.key).collect()
}

#[test]
fn muting_never_loses_or_repeats_a_line() {
    let (mut hidden, mut came) = (0, 0);
    for seed in 0..30 {
        let mut rng = Rng::with_seed(seed);
        // The twin takes the same lines and is never muted.
        let (mut pane, mut twin, mut second) = (pane(), pane(), 1_000);
        for _ in 0..100 {
            let one = service(ServiceKind::ALL[rng.usize(..4)]);
            match rng.u8(..12) {
                0..3 => drop(pane.toggle_mute(&one)),
                3 => pane.solo(&one),
                4 => {
                    let filter = a_filter(&mut rng);
                    pane.set_filter(filter.clone());
                    twin.set_filter(filter);
                }
                _ => {
                    let batch = a_batch(&mut rng, &mut second);
                    came += batch.events.len();
                    assert!(pane.take(batch.clone()) && twin.take(batch));
                }
            }
            while pane.buffer.scan() {}
            while twin.buffer.scan() {}
            assert_eq!(keys(&pane.buffer), heard(&pane));
            assert!(pane.muted_count() < 4, "somebody is heard");
            assert_eq!(pane.buffer.all_lines(), twin.buffer.all_lines());
            hidden += keys(&twin.buffer).len() - keys(&pane.buffer).len();
        }
        pane.buffer.mute(|_| false);
        assert_eq!(keys(&pane.buffer), keys(&twin.buffer));
        assert_eq!(pane.buffer.received(), twin.buffer.received());
    }
    assert!(hidden > 10_000 && came > 10_000, "{hidden} {came}");
}

#[test]
fn the_last_one_that_is_heard_cannot_be_muted() {
    let mut pane = pane();
    let [postgres, redis, backend, frontend] = ServiceKind::ALL.map(service);
    for one in [&postgres, &redis, &backend] {
        assert_eq!(pane.toggle_mute(one), Ok(()));
    }
    assert!(pane.toggle_mute(&frontend).is_err());
    assert_eq!(pane.toggle_mute(&redis), Ok(()));
    assert_eq!(pane.toggle_mute(&frontend), Ok(()));
    let heard: Vec<_> = pane.buffer.heard().map(|lane| &lane.service).collect();
    assert_eq!(heard, [&redis]);
}

#[test]
fn one_alone_and_again_brings_all_back() {
    let mut pane = pane();
    let [postgres, redis, ..] = ServiceKind::ALL.map(service);
    pane.toggle_mute(&postgres).unwrap();
    pane.solo(&postgres);
    assert!(!pane.is_muted(&postgres) && pane.muted_count() == 3);
    pane.solo(&redis);
    assert!(!pane.is_muted(&redis) && pane.muted_count() == 3);
    pane.solo(&redis);
    assert_eq!(pane.muted_count(), 0);
}

#[test]
fn what_is_muted_stays_so_as_long_as_it_is_followed_with_others() {
    let mut pane = pane();
    let [postgres, redis, backend, _] = ServiceKind::ALL.map(service);
    pane.toggle_mute(&redis).unwrap();
    // The pane was closed and opened again.
    pane.turn_to(Vec::new());
    pane.turn_to(vec![postgres.clone(), redis.clone()]);
    assert!(pane.is_muted(&redis) && pane.muted_count() == 1);
    pane.turn_to(vec![redis.clone()]);
    assert_eq!(pane.muted_count(), 0);
    let all = vec![postgres.clone(), redis.clone(), backend.clone()];
    pane.turn_to(all.clone());
    assert!(!pane.is_muted(&redis));
    // Who is followed without it forgets it.
    pane.toggle_mute(&redis).unwrap();
    pane.turn_to(vec![postgres, backend]);
    pane.turn_to(all);
    assert!(!pane.is_muted(&redis));
}

#[test]
fn lines_of_a_muted_service_are_not_announced_as_new() {
    let mut pane = pane();
    let redis = service(ServiceKind::Redis);
    pane.toggle_mute(&redis).unwrap();
    pane.take(lines(ServiceKind::Postgres, &[(1, "a")]));
    pane.toggle_follow();
    pane.take(lines(ServiceKind::Redis, &[(2, "b"), (3, "c")]));
    pane.take(lines(ServiceKind::Postgres, &[(4, "d")]));
    assert!(matches!(pane.place, Place::Paused { fresh: 1, .. }));
}
