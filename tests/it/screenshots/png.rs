//! A screen as a PNG, for where an SVG is not shown: the same cells, written with a free font.

use super::cell::{CELL, INK, colours, paper, row_of, shapes};
use ab_glyph::{Font, FontRef, Glyph, ScaleFont, point};
use vt100::{Cell, Screen};

/// Pixels of a cell: 6/5 of the units of the SVG.
const PIXELS: (usize, usize) = (CELL.0 * 6 / 5, CELL.1 * 6 / 5);
/// Pixels around the screen.
const MARGIN: usize = 12;
/// The words that a picture was made of are kept in it under this name.
const KEYWORD: &str = "Description";

/// An image in memory, three bytes a pixel.
struct Image {
    width: usize,
    bytes: Vec<u8>,
}

impl Image {
    fn new(width: usize, height: usize, paper: u32) -> Self {
        let [_, r, g, b] = paper.to_be_bytes();
        let bytes = [r, g, b].repeat(width * height);
        Self { width, bytes }
    }

    fn fill(&mut self, left: usize, top: usize, width: usize, height: usize, colour: u32) {
        for y in top..top + height {
            for x in left..left + width {
                self.blend(x, y, colour, 1.0);
            }
        }
    }

    /// Puts a colour over a pixel, so much of it.
    fn blend(&mut self, x: usize, y: usize, colour: u32, share: f32) {
        let at = (y * self.width + x) * 3;
        let [_, new @ ..] = colour.to_be_bytes();
        for (old, new) in self.bytes[at..at + 3].iter_mut().zip(new) {
            let mixed = f32::from(*old) + (f32::from(new) - f32::from(*old)) * share;
            *old = mixed.round().clamp(0.0, 255.0) as u8;
        }
    }
}

/// The fonts: that of a terminal, bold, and one for signs that these lack.
struct Fonts([FontRef<'static>; 3]);

impl Fonts {
    fn load() -> Self {
        let files = [
            dejavu::sans_mono::regular(),
            dejavu::sans_mono::bold(),
            dejavu::sans::regular(),
        ];
        Self(files.map(|file| FontRef::try_from_slice(file).unwrap()))
    }

    fn of(&self, sign: char, bold: bool) -> &FontRef<'static> {
        let has = |font: &&FontRef| font.glyph_id(sign).0 != 0;
        let first = usize::from(bold);
        let fonts = [&self.0[first], &self.0[0], &self.0[2]];
        fonts.into_iter().find(has).unwrap_or(&self.0[0])
    }
}

/// Writes a sign into its cell, in the middle if the font's own width is another.
fn write(image: &mut Image, fonts: &Fonts, cell: &Cell, left: usize, top: usize) {
    let Some(sign) = cell.contents().chars().next() else {
        return;
    };
    let width = PIXELS.0 as f32;
    let mono = fonts.0[0].as_scaled(1.0);
    let scale = width / mono.h_advance(mono.glyph_id('M'));
    let font = fonts.of(sign, cell.bold()).as_scaled(scale);
    let glyph = font.glyph_id(sign);
    let side = (width - font.h_advance(glyph)) / 2.0;
    let above = (PIXELS.1 as f32 - font.height()) / 2.0 + font.ascent();
    let place = point(left as f32 + side, top as f32 + above);
    draw_glyph(
        image,
        font.font,
        glyph.with_scale_and_position(scale, place),
        colours(cell).0,
    );
}

fn draw_glyph(image: &mut Image, font: &FontRef<'_>, glyph: Glyph, ink: u32) {
    let Some(outline) = font.outline_glyph(glyph) else {
        return;
    };
    let bounds = outline.px_bounds();
    outline.draw(|x, y, share| {
        let (x, y) = (
            bounds.min.x as usize + x as usize,
            bounds.min.y as usize + y as usize,
        );
        image.blend(x, y, ink, share);
    });
}

fn draw_cell(image: &mut Image, fonts: &Fonts, cell: &Cell, left: usize, top: usize) {
    let (ink, paper) = colours(cell);
    image.fill(left, top, PIXELS.0, PIXELS.1, paper);
    let shapes = shapes(cell.contents());
    for (x, y, width, height) in shapes {
        let [x, y] = [x, y].map(|place| place * 6 / 5);
        let [width, height] = [width, height].map(|size| (size * 6).div_ceil(5));
        let (width, height) = (width.min(PIXELS.0 - x), height.min(PIXELS.1 - y));
        image.fill(left + x, top + y, width, height, ink);
    }
    if shapes.is_empty() && !cell.contents().trim().is_empty() {
        write(image, fonts, cell, left, top);
    }
    if cell.underline() {
        image.fill(left, top + PIXELS.1 - 3, PIXELS.0, 1, ink);
    }
}

/// The screen, with the words it was made of.
pub fn draw(screen: &Screen, words: &str) -> Vec<u8> {
    let (rows, columns) = screen.size();
    let width = usize::from(columns) * PIXELS.0 + 2 * MARGIN;
    let height = usize::from(rows) * PIXELS.1 + 2 * MARGIN;
    let mut image = Image::new(width, height, paper(screen));
    let fonts = Fonts::load();
    let place = |row: u16, column: usize| {
        let top = MARGIN + usize::from(row) * PIXELS.1;
        (MARGIN + column * PIXELS.0, top)
    };
    for row in 0..rows {
        for (column, cell) in row_of(screen, row).enumerate() {
            let (left, top) = place(row, column);
            draw_cell(&mut image, &fonts, cell, left, top);
        }
    }
    if !screen.hide_cursor() {
        let (row, column) = screen.cursor_position();
        let (left, top) = place(row, usize::from(column));
        image.fill(left, top + PIXELS.1 - 4, PIXELS.0, 2, INK);
    }
    encode(&image, height, words)
}

fn encode(image: &Image, height: usize, words: &str) -> Vec<u8> {
    let mut file = Vec::new();
    let (width, height) = (image.width as u32, height as u32);
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder
        .add_itxt_chunk(KEYWORD.into(), words.into())
        .unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&image.bytes).unwrap();
    writer.finish().unwrap();
    file
}

/// The words that a picture was made of.
pub fn words(file: &[u8]) -> Option<String> {
    let decoder = png::Decoder::new(std::io::Cursor::new(file));
    let reader = decoder.read_info().ok()?;
    let chunks = &reader.info().utf8_text;
    let ours = chunks.iter().find(|chunk| chunk.keyword == KEYWORD)?;
    ours.get_text().ok()
}
