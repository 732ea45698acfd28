//! Figures of the made-up session: sound files with the numbers that the window shows.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;
use crate::testing::fixture;

fn material() -> Material {
    static MATERIAL: std::sync::OnceLock<Material> = std::sync::OnceLock::new();
    let made = MATERIAL.get_or_init(|| {
        let mut state = fixture::state();
        state.compare_now();
        state.material().unwrap()
    });
    made.clone()
}

fn style(kind: FigureKind, dark: bool) -> Style {
    Style {
        size: kind.usual_size(),
        dark,
    }
}

/// Element names, and the text of the provenance, of well-formed XML.
fn elements(svg: &str) -> (Vec<String>, String) {
    let mut reader = Reader::from_str(svg);
    let (mut names, mut depth, mut provenance, mut inside) = (Vec::new(), 0, String::new(), false);
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(start) => {
                depth += 1;
                let name = start.name().as_ref().to_owned();
                inside = name == "provenance";
                names.push(name);
                for attribute in start.attributes() {
                    attribute.unwrap();
                }
            }
            Event::Empty(start) => {
                names.push(start.name().as_ref().to_owned());
                for attribute in start.attributes() {
                    attribute.unwrap();
                }
            }
            Event::End(_) => {
                depth -= 1;
                inside = false;
            }
            Event::Text(text) if inside => provenance.push_str(&text),
            Event::GeneralRef(reference) if inside => {
                provenance.push_str(match reference.as_ref() {
                    "quot" => "\"",
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    _ => "'",
                });
            }
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    (names, provenance)
}

#[test]
fn every_svg_is_well_formed_needs_no_font_and_says_where_it_comes_from() {
    let mut material = material();
    material.provenance.video_sha256 = "ab".repeat(32);
    material.provenance.video = "a <day> & \"night\".mp4".to_owned();
    for kind in FigureKind::ALL {
        for dark in [kind == FigureKind::Distribution, false] {
            let svg =
                super::encode(kind, &material, &style(kind, dark), FigureFormat::Svg).unwrap();
            let svg = String::from_utf8(svg).unwrap();
            let (names, provenance) = elements(&svg);
            assert!(names.iter().all(|name| name != "text" && name != "image"));
            assert!(names.iter().filter(|name| *name == "path").count() > 50);
            let provenance_read: serde_json::Value = serde_json::from_str(&provenance).unwrap();
            assert_eq!(provenance_read["settings"]["seed"], 7);
            assert_eq!(provenance_read["video_sha256"], "ab".repeat(32));
            assert_eq!(provenance_read["video"], "a <day> & \"night\".mp4");
            assert!(
                provenance_read["program"]
                    .as_str()
                    .unwrap()
                    .starts_with("SummDiff")
            );
            assert!(!svg.contains("NaN") && !svg.contains("inf"));
        }
    }
}

#[test]
fn a_png_has_the_size_asked_for_and_the_same_provenance() {
    let material = material();
    for kind in FigureKind::ALL {
        let style = Style {
            size: [640, 400],
            dark: false,
        };
        let bytes = super::encode(kind, &material, &style, FigureFormat::Png).unwrap();
        let mut reader = ::png::Decoder::new(std::io::Cursor::new(&bytes))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let info = reader.info();
        assert_eq!((info.width, info.height), (640, 400));
        let provenance_read = info
            .utf8_text
            .iter()
            .find(|chunk| chunk.keyword == super::png::PROVENANCE_KEY)
            .unwrap()
            .get_text()
            .unwrap();
        assert_eq!(provenance_read, material.provenance.to_json());
        // White paper with something on it.
        assert_eq!(pixels[..4], [255, 255, 255, 255]);
        let inked = pixels.chunks(4).filter(|p| p[0] < 200).count();
        assert!(inked > 500, "{kind:?}: {inked} dark pixels");
    }
}

#[test]
fn the_tables_hold_the_numbers_on_screen() {
    let material = material();
    let read = |kind: FigureKind| -> Vec<csv::StringRecord> {
        csv::Reader::from_reader(super::csv(kind, &material).unwrap().as_bytes())
            .records()
            .map(Result::unwrap)
            .collect()
    };
    let view = material.distribution.as_ref().unwrap();
    let points = read(FigureKind::Distribution);
    let samples: Vec<_> = points.iter().filter(|row| &row[0] == "sample").collect();
    assert_eq!(samples.len(), 100);
    for (row, point) in samples.iter().zip(&view.samples) {
        assert_eq!(row[3].parse::<f64>().unwrap(), point[0]);
        assert_eq!(row[4].parse::<f64>().unwrap(), point[1]);
    }
    assert_eq!(samples.iter().filter(|row| &row[6] == "1").count(), 4);
    assert_eq!(
        points.iter().filter(|row| &row[0] == "annotator").count(),
        20
    );

    let cells = read(FigureKind::Matches);
    let matches = material.matches.as_ref().unwrap();
    assert_eq!(cells.len(), matches.rows.len() * 20);
    for (row, share) in cells
        .iter()
        .zip(matches.rows.iter().flat_map(|row| &row.shares))
    {
        assert_eq!(row[2].parse::<f32>().ok(), *share);
    }

    let series = read(FigureKind::Timeline);
    let draw = material.draw.as_ref().unwrap();
    let frequency: Vec<f64> = series
        .iter()
        .filter(|row| &row[0] == "selection_frequency")
        .map(|row| row[5].parse().unwrap())
        .collect();
    assert_eq!(frequency, draw.selection_frequency);
    assert_eq!(read(FigureKind::Agreement).len(), 20 * 19 / 2);
}

#[test]
fn what_is_missing_is_said() {
    let mut material = material();
    let look = style(FigureKind::Timeline, false);
    let huge = Style {
        size: [9000, 400],
        dark: false,
    };
    let error = super::scene(FigureKind::Timeline, &material, &huge).unwrap_err();
    assert!(error.to_string().contains("9000×400"));
    material.matches = None;
    material.annotations = None;
    material.draw = None;
    material.distribution = None;
    for kind in FigureKind::ALL {
        assert!(!super::is_possible(kind, &material));
        let error = super::scene(kind, &material, &look).unwrap_err();
        assert!(error.to_string().contains("yet") || error.to_string().contains("no annotators"));
    }
    assert!(FigureFormat::of(Path::new("a.PNG")).is_ok());
    let error = FigureFormat::of(Path::new("a.pdf")).unwrap_err();
    assert!(error.to_string().contains(".pdf"));
}

#[test]
fn a_thousand_annotators_with_odd_names_still_fit() {
    let mut state = fixture::state_of(fixture::Size {
        annotators: 1000,
        ..Default::default()
    });
    if let Some(set) = &state.choices.annotations {
        let mut set = (**set).clone();
        set.annotators[0].name = "注釈者 \u{0}<&>".to_owned();
        state.choices.annotations = Some(std::sync::Arc::new(set));
    }
    let material = state.material().unwrap();
    for kind in [
        FigureKind::Timeline,
        FigureKind::Distribution,
        FigureKind::Matches,
    ] {
        let svg = super::encode(kind, &material, &style(kind, false), FigureFormat::Svg).unwrap();
        elements(&String::from_utf8(svg).unwrap());
    }
}

#[test]
fn numbers_of_tables_have_their_own_precision_and_no_signed_zero() {
    assert_eq!(number(0.4f32), "0.4");
    assert_eq!(number(0.25f64), "0.25");
    assert_eq!(number(-0.0f64), "0");
    assert_eq!(number(f32::NAN), "");
}

#[test]
fn the_earlier_draw_that_the_window_shows_is_in_the_figure() {
    use crate::pipeline::Event as News;
    use crate::state::command::Command;

    let mut state = fixture::state();
    let first = state.draw().unwrap().clone();
    state.handle(News::Draw(first.clone()));
    let mut draw = (*first).clone();
    draw.settings.seed = 20;
    state.choices.settings.seed = 20;
    state.handle(News::Draw(std::sync::Arc::new(draw)));
    let kind = FigureKind::Distribution;
    let texts = |state: &mut crate::state::AppState| -> (Vec<String>, usize) {
        state.compare_now();
        let material = state.material().unwrap();
        let scene = scene(kind, &material, &style(kind, false)).unwrap();
        let table = csv(kind, &material).unwrap();
        let rows = table
            .lines()
            .filter(|row| row.starts_with("earlier,"))
            .count();
        let labels = scene.shapes.into_iter().filter_map(|shape| shape.label);
        (labels.collect(), rows)
    };
    let (alone, rows) = texts(&mut state);
    assert!(!alone.iter().any(|words| words == "seed 7") && rows == 0);
    state.run(Command::CompareDraw(Some(0)));
    let (both, rows) = texts(&mut state);
    assert!(
        both.iter().any(|words| words == "seed 7"),
        "the legend names it"
    );
    let points = both
        .iter()
        .filter(|words| *words == "sample of seed 7")
        .count();
    assert_eq!((points, rows), (100, 100));
}
