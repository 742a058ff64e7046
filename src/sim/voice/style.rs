//! What makes one simulated project sound different from the next: how it logs, its dev server, its trade.

/// How the backend writes its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As Python's `logging` does, for people.
    Plain,
    /// One JSON object a line.
    Json,
    /// `key=value` pairs.
    Logfmt,
}

/// What the frontend runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DevServer {
    Vite,
    Next,
}

/// What the project is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trade {
    /// Name of its packages.
    pub name: &'static str,
    /// What it keeps: tables, paths and modules are named after these.
    pub things: [&'static str; 4],
    /// What people type and call things there, in more than one script.
    pub words: [&'static str; 4],
    /// A job that it runs now and then.
    pub job: &'static str,
}

const TRADES: [Trade; 5] = [
    Trade {
        name: "shop",
        things: ["orders", "products", "carts", "invoices"],
        words: ["crème brûlée", "抹茶ラテ", "Käsespätzle", "olive oil 1 l"],
        job: "stock count",
    },
    Trade {
        name: "clinic",
        things: ["appointments", "patients", "rooms", "reminders"],
        words: ["José Ibáñez", "佐藤 花子", "Zoë Müller", "room 14"],
        job: "reminder mails 📬",
    },
    Trade {
        name: "library",
        things: ["loans", "books", "readers", "holds"],
        words: ["Les Misérables", "吾輩は猫である", "Война и мир", "Emma"],
        job: "overdue notices 📚",
    },
    Trade {
        name: "transit",
        things: ["trips", "stops", "vehicles", "delays"],
        words: ["Zürich HB", "新宿駅", "Łódź Fabryczna", "line 12"],
        job: "timetable import 🚋",
    },
    Trade {
        name: "stage",
        things: ["tickets", "events", "venues", "seats"],
        words: ["Così fan tutte", "春の音楽祭", "Mötley night", "row 7"],
        job: "seat release 🎟",
    },
];

/// What kind of application a project is. Projects differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    pub(super) form: Form,
    pub(super) server: DevServer,
    pub(super) trade: &'static Trade,
}

impl Style {
    /// The style of the project with this number; neighbours differ.
    #[must_use]
    pub const fn of(number: usize) -> Self {
        Self {
            form: [Form::Plain, Form::Json, Form::Logfmt][number % 3],
            server: [DevServer::Vite, DevServer::Next][number % 2],
            trade: &TRADES[number % TRADES.len()],
        }
    }
}
