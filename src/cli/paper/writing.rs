//! Writes the paper's tables in all their forms, and notes them for its page.

use super::super::write_text;
use super::Paper;
use crate::domain::repairs::spreadsheet_cell;
use crate::figures::paper::{Body, Item};
use crate::figures::tables;
use crate::pipeline::evaluation::EvaluationTable;

/// Writes a table in every form and puts it on the page.
pub(super) fn write_table(
    paper: &mut Paper<'_>,
    name: &str,
    caption: &str,
    table: &EvaluationTable,
) -> anyhow::Result<()> {
    paper.output.check_interrupt()?;
    let item = Item {
        name: name.to_owned(),
        caption: caption.to_owned(),
        body: Body::Table(tables::fragment(table)),
        files: Vec::new(),
    };
    let stem = item.anchor();
    let provenance = &paper.provenance;
    let text = format!("{}\n# {}\n", tables::text(table), provenance.to_json());
    let json = serde_json::to_string_pretty(&tables::json(table, &paper.plan, provenance))?;
    let forms = [
        ("csv", tables::csv(table, provenance)),
        ("tex", tables::latex(table, provenance)),
        ("html", tables::html(table, provenance)),
        ("json", json + "\n"),
        ("txt", text),
    ];
    let mut files = Vec::new();
    for (ending, content) in forms {
        let file = format!("{stem}.{ending}");
        write_text(&paper.at(&file), &content)?;
        files.push(file);
    }
    paper.items.push(Item { files, ..item });
    Ok(())
}

/// Writes a table that is no evaluation, as CSV, LaTeX and on the page, and what its rows are made
/// from as JSON.
pub(super) fn write_rows<const N: usize>(
    paper: &mut Paper<'_>,
    name: &str,
    caption: &str,
    head: &[&str; N],
    rows: &[[String; N]],
    listed: &[serde_json::Value],
) -> anyhow::Result<()> {
    let item = Item {
        name: name.to_owned(),
        caption: caption.to_owned(),
        body: Body::Table(String::new()),
        files: Vec::new(),
    };
    let stem = item.anchor();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row.iter().map(|cell| spreadsheet_cell(cell).into_owned()))?;
    }
    let plain = String::from_utf8_lossy(&writer.into_inner()?).into_owned();
    let provenance = paper.figure_provenance();
    let csv = crate::figures::csv_with_provenance(&plain, &provenance);
    let cells = |row: &[String; N]| row.join(" & ").replace('_', "\\_");
    let body: Vec<String> = rows
        .iter()
        .map(|row| format!("{} \\\\", cells(row)))
        .collect();
    let latex = format!(
        "% {}\n\\begin{{tabular}}{{l{}}}\n\\toprule\n{} \\\\\n\\midrule\n{}\n\\bottomrule\n\\end{{tabular}}\n",
        provenance.to_json(),
        "r".repeat(N - 1),
        head.join(" & "),
        body.join("\n")
    );
    let files = ["csv", "tex", "json"].map(|ending| format!("{stem}.{ending}"));
    let json = serde_json::json!({ "provenance": provenance, "rows": listed });
    write_text(&paper.at(&files[0]), &csv)?;
    write_text(&paper.at(&files[1]), &latex)?;
    write_text(
        &paper.at(&files[2]),
        &(serde_json::to_string_pretty(&json)? + "\n"),
    )?;
    let escaped = |text: &str| quick_xml::escape::escape(text).into_owned();
    let line = |cells: &[String], tag: &str| {
        let cells: String = cells
            .iter()
            .map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell)))
            .collect();
        format!("<tr>{cells}</tr>\n")
    };
    let mut html = String::from("<table>\n");
    html.push_str(&line(&head.map(str::to_owned), "th"));
    for row in rows {
        html.push_str(&line(row, "td"));
    }
    html.push_str("</table>\n");
    paper.items.push(Item {
        body: Body::Table(html),
        files: files.to_vec(),
        ..item
    });
    Ok(())
}
