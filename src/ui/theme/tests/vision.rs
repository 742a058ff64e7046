//! What is left of a colour for eyes that lack one kind of cone, and how far apart two colours are.

use crate::ui::theme::{colour::rgb, contrast::linear};
use ratatui::style::Color;

/// A kind of eyes: what they make of red, green and blue light.
pub struct Eye {
    pub name: &'static str,
    matrix: [[f64; 3]; 3],
}

/// The matrices are those of Machado, Oliveira and Fernandes (2009) for eyes that lack one kind of cone altogether.
pub const EYES: [Eye; 4] = [
    Eye {
        name: "all",
        matrix: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    },
    Eye {
        name: "protanopia",
        matrix: [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    },
    Eye {
        name: "deuteranopia",
        matrix: [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    },
    Eye {
        name: "tritanopia",
        matrix: [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    },
];

/// How far apart two colours are for such eyes: the distance in CIE L*a*b*. Some 2 can just be told apart side by side.
pub fn difference(a: Color, b: Color, eye: &Eye) -> f64 {
    let [a, b] = [a, b].map(|colour| lab(seen(colour, eye)));
    let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

/// Red, green and blue light, each from 0 to 1, that would look the same to all eyes.
fn seen(colour: Color, eye: &Eye) -> [f64; 3] {
    let (r, g, b) = rgb(colour).unwrap();
    let light = [r, g, b].map(linear);
    eye.matrix.map(|row| {
        let sum: f64 = row
            .iter()
            .zip(light)
            .map(|(part, light)| part * light)
            .sum();
        sum.clamp(0.0, 1.0)
    })
}

fn lab([r, g, b]: [f64; 3]) -> [f64; 3] {
    let x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.950_47;
    let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.088_83;
    let [x, y, z] = [x, y, z].map(|t: f64| {
        if t > 216.0 / 24_389.0 {
            t.cbrt()
        } else {
            (24_389.0 / 27.0 * t + 16.0) / 116.0
        }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}
