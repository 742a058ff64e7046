#![allow(clippy::unwrap_used)]
use super::*;
use crate::domain::Limits;

fn sample(cpu_ns: u64, read_ns: i128) -> Sample {
    Sample {
        cpu_ns,
        read_ns,
        memory: Bytes::mib(10),
        pids: 3,
        ..Sample::default()
    }
}

/// Two samples ten seconds apart; `later` sets what the second one has beyond the first.
fn after_ten_seconds(first: Sample, later: impl FnOnce(&mut Sample)) -> Usage {
    let mut now = first;
    now.read_ns += 10_000_000_000;
    later(&mut now);
    Usage::between(Some(&first), &now, Peaks::default())
}

fn counting() -> Sample {
    Sample {
        network: Some(Network::default()),
        disk: Some(Disk::default()),
        throttling: Some(Throttling::default()),
        shortage: Some(Shortage {
            stalled_us: Some(0),
            ..Shortage::default()
        }),
        ..sample(0, 0)
    }
}

#[test]
fn half_a_cpu_is_half_a_second_per_second() {
    let (before, now) = (sample(5, 1_000), sample(500_000_005, 1_000_001_000));
    let usage = Usage::between(Some(&before), &now, Peaks::default());
    assert_eq!(usage.cpus, Some(Cpus::millis(500)));
    assert_eq!((usage.memory, usage.pids), (Bytes::mib(10), 3));
}

#[test]
fn rates_are_unknown_without_two_samples_that_fit() {
    let now = Sample {
        read_ns: 1_000,
        cpu_ns: 100,
        ..counting()
    };
    let other = |cpu_ns, read_ns| Sample {
        cpu_ns,
        read_ns,
        ..counting()
    };
    let (later_clock, same_moment) = (other(50, 2_000), other(50, 1_000));
    for before in [None, Some(&later_clock), Some(&same_moment)] {
        let usage = Usage::between(before, &now, Peaks::default());
        assert_eq!((usage.cpus, usage.network), (None, None), "{before:?}");
        assert_eq!((usage.throttled, usage.pressure), (None, None));
    }
    let higher_counter = other(101, 500);
    let usage = Usage::between(Some(&higher_counter), &now, Peaks::default());
    assert_eq!(usage.cpus, None);
}

#[test]
fn the_most_extreme_counters_do_not_overflow() {
    let (before, now) = (sample(0, i128::MIN), sample(u64::MAX, i128::MAX));
    let between = |a, b| Usage::between(Some(a), b, Peaks::default()).cpus;
    assert_eq!(between(&before, &now), None);
    let (before, now) = (sample(0, 0), sample(u64::MAX, 1));
    assert_eq!(between(&before, &now), None);
}

#[test]
fn bytes_over_time_are_rates_and_what_nobody_counts_has_none() {
    let usage = after_ten_seconds(counting(), |now| {
        now.network = Some(Network {
            received: Bytes(5_000),
            sent: Bytes(120),
        });
        now.disk = Some(Disk {
            read: Bytes(0),
            written: Bytes(40_960),
        });
    });
    let network = usage.network.unwrap();
    assert_eq!((network.received, network.sent), (Bytes(500), Bytes(12)));
    assert_eq!(usage.disk.unwrap().written, Bytes(4_096));
    let usage = after_ten_seconds(sample(0, 0), |_| {});
    assert_eq!((usage.network, usage.disk), (None, None));
    // A container that was attached to another network counts from nothing again.
    let mut before = counting();
    before.network = Some(Network {
        received: Bytes(10),
        sent: Bytes(10),
    });
    let usage = after_ten_seconds(before, |now| now.network = Some(Network::default()));
    assert_eq!(usage.network, None);
}

#[test]
fn a_share_of_the_periods_is_held_up() {
    let held_up = |periods, held_up| {
        let usage = after_ten_seconds(counting(), |now| {
            now.throttling = Some(Throttling { periods, held_up });
        });
        usage.throttled.unwrap().to_string()
    };
    assert_eq!(held_up(100, 34), "34 %");
    assert_eq!(held_up(100, 0), "0 %");
    // It ran four times in ten seconds: whoever waits for it does not notice.
    assert_eq!(held_up(4, 4), "0 %");
    assert_eq!(held_up(0, 0), "0 %");
}

#[test]
fn the_limit_of_cpus_is_named_when_it_holds_up_a_quarter_of_the_time() {
    let limits = |millis| Limits {
        cpus: Cpus::millis(millis),
        memory: Bytes::mib(256),
        pids: 10,
    };
    let usage = |thousandths| Usage {
        throttled: Some(Share::thousandths(thousandths)),
        ..Usage::default()
    };
    let words = |thousandths, millis| throttle_words(&usage(thousandths), limits(millis));
    assert_eq!(
        words(340, 500).unwrap(),
        "throttled 34 % of the time: the limit of 0.5 CPUs is too low"
    );
    assert!(words(250, 1000).unwrap().ends_with("of 1 CPU is too low"));
    assert!(
        words(999, 10_000)
            .unwrap()
            .ends_with("of 10 CPUs is too low")
    );
    assert_eq!(words(249, 500), None);
    assert_eq!(throttle_words(&Usage::default(), limits(500)), None);
}

#[test]
fn pressure_on_memory_is_counted_between_the_samples() {
    let usage = after_ten_seconds(counting(), |now| {
        now.shortage = Some(Shortage {
            hits: 30,
            kills: 1,
            stalled_us: Some(2_300_000),
        });
    });
    let pressure = usage.pressure.unwrap();
    assert_eq!((pressure.hits, pressure.kills), (180, 1));
    assert_eq!(pressure.stalled.unwrap().to_string(), "23 %");
}

#[test]
fn the_worst_of_what_presses_on_memory_is_named() {
    let limits = Limits {
        cpus: Cpus::millis(500),
        memory: Bytes::mib(256),
        pids: 10,
    };
    let words = |mib, kills, stalled| {
        let usage = Usage {
            memory: Bytes::mib(mib),
            pressure: Some(Pressure {
                hits: 900,
                kills,
                stalled: Some(Share::thousandths(stalled)),
            }),
            ..Usage::default()
        };
        memory_words(&usage, limits)
    };
    for (mib, kills, stalled, strain, text) in [
        (
            10,
            1,
            500,
            Strain::Kills,
            "the kernel killed a process of it for memory, the limit is 256 MB",
        ),
        (
            250,
            0,
            230,
            Strain::Stalls,
            "waits for memory 23 % of the time, the limit is 256 MB",
        ),
        (
            248,
            0,
            0,
            Strain::Tight,
            "memory is tight: 97 % of 256 MB is in use",
        ),
    ] {
        assert_eq!(words(mib, kills, stalled), Some((strain, text.to_owned())));
    }
    // Page cache fills a limit as a matter of course.
    assert_eq!(words(200, 0, 99), None);
    let unlimited = Limits {
        memory: Bytes(0),
        ..limits
    };
    let usage = Usage {
        memory: Bytes::mib(4000),
        ..Usage::default()
    };
    assert_eq!(memory_words(&usage, unlimited), None);
}

#[test]
fn the_peak_is_the_highest_that_anybody_saw() {
    let mut now = sample(0, 0);
    let peak = |now: &Sample, seen| {
        let seen = Peaks {
            peak: Bytes::mib(seen),
            most: Bytes(0),
        };
        Usage::between(None, now, seen).peak
    };
    assert_eq!(peak(&now, 0), Bytes::mib(10));
    assert_eq!(peak(&now, 30), Bytes::mib(30));
    now.peak = Some(Bytes::mib(40));
    assert_eq!(peak(&now, 30), Bytes::mib(40));
    // The kernel's own counts page cache, too; the highest sample does not.
    assert_eq!(
        Usage::between(None, &now, Peaks::default()).most,
        Bytes::mib(10)
    );
}

#[test]
fn a_share_is_never_more_than_all() {
    assert_eq!(Share::of(7, 0).to_string(), "0 %");
    assert_eq!(Share::of(u64::MAX, 1).to_string(), "100 %");
    assert_eq!(Share::thousandths(9999), Share::of(1, 1));
}
