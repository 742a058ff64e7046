//! The theme files that ship inside the program, in the order in which they are offered.

/// Name and text of each; the first one is used where nothing else is wished.
pub(super) const ALL: [(&str, &str); 10] = [
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    (
        "contrast-dark",
        include_str!("../../../themes/contrast-dark.toml"),
    ),
    (
        "contrast-light",
        include_str!("../../../themes/contrast-light.toml"),
    ),
    (
        "deuteranopia",
        include_str!("../../../themes/deuteranopia.toml"),
    ),
    (
        "tritanopia",
        include_str!("../../../themes/tritanopia.toml"),
    ),
    (
        "monochrome",
        include_str!("../../../themes/monochrome.toml"),
    ),
    ("terminal", include_str!("../../../themes/terminal.toml")),
    ("ember", include_str!("../../../themes/ember.toml")),
    ("paper", include_str!("../../../themes/paper.toml")),
];
