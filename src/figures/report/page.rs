//! An HTML page as text: headings, tables, figures, and the style they share.

use std::fmt::Write;

use crate::figures::svg::escaped;
use crate::session::provenance::Provenance;

const STYLE: &str = include_str!("style.css");

/// A page being written.
pub struct Page {
    out: String,
}

impl Page {
    pub fn new(title: &str) -> Self {
        let mut page = Self {
            out: String::with_capacity(1 << 20),
        };
        page.push(&format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
            title = escaped(title)
        ));
        page
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    pub fn heading(&mut self, words: &str) {
        self.push(&format!("<h2>{}</h2>\n", escaped(words)));
    }

    /// A heading that links lead to.
    pub fn section(&mut self, anchor: &str, words: &str) {
        self.push(&format!(
            "<h2 id=\"{}\">{}</h2>\n",
            escaped(anchor),
            escaped(words)
        ));
    }

    /// Links, each a target and its words.
    pub fn links(&mut self, links: impl IntoIterator<Item = (String, String)>) {
        self.push("<nav>");
        for (target, words) in links {
            self.push(&format!(
                "<a href=\"{}\">{}</a> ",
                escaped(&target),
                escaped(&words)
            ));
        }
        self.push("</nav>\n");
    }

    /// Files beside the page.
    pub fn files<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) {
        let mut names = names.into_iter().peekable();
        if names.peek().is_none() {
            return;
        }
        self.push("<p class=\"files small\">");
        for name in names {
            let name = escaped(name);
            self.push(&format!("<a href=\"{name}\">{name}</a> "));
        }
        self.push("</p>\n");
    }

    /// A table as HTML that was made elsewhere.
    pub fn fragment(&mut self, html: &str) {
        self.push(&format!("<div class=\"wide paper\">{html}</div>\n"));
    }

    /// A line to be copied.
    pub fn command(&mut self, words: &str) {
        self.push(&format!("<pre>{}</pre>\n", escaped(words)));
    }

    pub fn paragraph(&mut self, words: &str) {
        self.push(&format!("<p>{}</p>\n", escaped(words)));
    }

    /// Something a reader must not overlook.
    pub fn note(&mut self, words: &str) {
        self.push(&format!("<p class=\"note\">{}</p>\n", escaped(words)));
    }

    /// An explanation under a table.
    pub fn small(&mut self, words: &str) {
        self.push(&format!("<p class=\"small\">{}</p>\n", escaped(words)));
    }

    /// A table; the first column names the rows.
    pub fn table(&mut self, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        self.push("<div class=\"wide\"><table>\n<thead><tr>");
        for cell in head {
            self.push(&format!("<th scope=\"col\">{}</th>", escaped(cell)));
        }
        self.push("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.push("<tr>");
            for (column, cell) in row.iter().enumerate() {
                let cell = escaped(cell);
                self.push(&if column == 0 {
                    format!("<th scope=\"row\">{cell}</th>")
                } else {
                    format!("<td>{cell}</td>")
                });
            }
            self.push("</tr>\n");
        }
        self.push("</tbody>\n</table></div>\n");
    }

    /// The same figure in several themes; the style shows one of them.
    pub fn figure(&mut self, drawings: &[String], caption: &str) {
        self.push("<figure>\n");
        for drawing in drawings {
            self.push(drawing);
            self.push("\n");
        }
        self.push(&format!(
            "<figcaption>{}</figcaption>\n</figure>\n",
            escaped(caption)
        ));
    }

    /// A row of pictures (JPEG in base64) with a line under each.
    pub fn pictures(
        &mut self,
        title: &str,
        color: &str,
        pictures: impl IntoIterator<Item = (String, String)>,
    ) {
        let mut row = format!(
            "<section class=\"board\" style=\"border-color:{color}\">\n<h3>{}</h3>\n<div class=\"row\">\n",
            escaped(title)
        );
        for (jpeg, line) in pictures {
            // Writing to a string cannot fail.
            let _ = writeln!(
                row,
                "<figure><img alt=\"frame at {line}\" src=\"data:image/jpeg;base64,{jpeg}\"><figcaption>{line}</figcaption></figure>",
                line = escaped(&line)
            );
        }
        row.push_str("</div>\n</section>\n");
        self.push(&row);
    }

    /// The end, with the provenance as data for programs.
    pub fn finish(mut self, provenance: &Provenance) -> String {
        let data = provenance.to_json().replace("</", "<\\/");
        self.push(&format!(
            "</main>\n<footer>{}</footer>\n<template id=\"provenance\">{}</template>\n</body>\n</html>\n",
            escaped(&provenance.program),
            escaped(&data)
        ));
        self.out
    }
}
