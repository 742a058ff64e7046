//! What a look at a followed service that has no open stream means for its reader. No I/O.

use crate::{
    domain::{Container, Phase, cause},
    engine::RunEnd,
};

/// What the reader is to be told, and whether there is something to read.
#[derive(Debug, PartialEq)]
pub(super) enum News {
    /// There is something to read, with a word in front of it.
    Read(Option<String>),
    /// There is something to read: the same container was started again.
    Restarted,
    /// There is not, and why.
    Nothing(Option<String>),
}

/// Compares the container whose log was read last with what is there now.
pub(super) fn news(last: Option<&Container>, now: Option<&Container>) -> News {
    let Some(now) = now else {
        let gone = if last.is_some() {
            "removed"
        } else {
            "no container yet"
        };
        return News::Nothing(Some(format!("{gone}: its log shows here once it starts")));
    };
    let runs = matches!(now.phase, Phase::Running | Phase::Paused);
    let Some(last) = last else {
        return if now.started_at.is_some() {
            News::Read((!runs).then(|| ended(now)))
        } else {
            News::Nothing(Some("not started yet".to_owned()))
        };
    };
    match (last.id == now.id, last.started_at == now.started_at) {
        (true, true) if runs => News::Read(None),
        (true, true) => News::Nothing(Some(ended(now))),
        (true, false) => News::Restarted,
        (false, _) if now.started_at.is_some() => News::Read(Some("new container".to_owned())),
        (false, _) => News::Nothing(None),
    }
}

/// True if both are the same run of the same container.
pub(super) fn is_same_run(last: Option<&Container>, now: Option<&Container>) -> bool {
    let run = |c: &Container| (c.id.clone(), c.started_at);
    last.map(run) == now.map(run)
}

/// The word for a start after `end`, as far as that is known.
pub(super) fn restarted(end: Option<RunEnd>) -> String {
    let Some(RunEnd {
        exit_code: Some(code),
        oom,
    }) = end
    else {
        return "restarted".to_owned();
    };
    format!("restarted: {}", exit(code, oom))
}

fn ended(container: &Container) -> String {
    let exit = exit(container.exit_code, container.oom_killed);
    format!("ended: {exit}")
}

fn exit(code: i64, oom: bool) -> String {
    let meaning = cause::exit_meaning(code).map_or_else(String::new, |m| format!(" ({m})"));
    let memory = if oom { ", out of memory" } else { "" };
    format!("exit {code}{meaning}{memory}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::Timestamp;

    fn container(id: &str, phase: Phase, started: i64) -> Container {
        Container {
            id: id.to_owned(),
            phase,
            started_at: Some(Timestamp::from_second(started).unwrap()),
            ..Container::default()
        }
    }

    #[test]
    fn a_reader_is_told_what_happened_to_the_service() {
        let up = container("a", Phase::Running, 1);
        let down = container("a", Phase::Exited, 1);
        let again = container("a", Phase::Running, 2);
        let other = container("b", Phase::Running, 3);
        assert_eq!(news(None, Some(&up)), News::Read(None));
        assert!(matches!(news(None, Some(&down)), News::Read(Some(_))));
        assert!(matches!(
            news(Some(&up), Some(&down)),
            News::Nothing(Some(_))
        ));
        assert_eq!(news(Some(&up), Some(&again)), News::Restarted);
        assert_eq!(
            news(Some(&up), Some(&other)),
            News::Read(Some("new container".into()))
        );
        assert!(matches!(news(Some(&up), None), News::Nothing(Some(_))));
        assert!(matches!(news(None, None), News::Nothing(Some(_))));
    }

    #[test]
    fn a_restart_says_how_the_run_before_ended_where_that_is_known() {
        let end = |exit_code, oom| Some(RunEnd { exit_code, oom });
        assert_eq!(
            restarted(end(Some(137), true)),
            "restarted: exit 137 (killed, SIGKILL), out of memory"
        );
        assert_eq!(restarted(end(Some(3), false)), "restarted: exit 3");
        assert_eq!(restarted(end(None, false)), "restarted");
        assert_eq!(restarted(None), "restarted");
    }
}
