//! The index page of `summdiff paper`: every table and figure of the paper for one data set, or why
//! it is not there and what makes it.

use super::report::page::Page;
use crate::pipeline::evaluation::TableProvenance;
use crate::session::provenance::Provenance;

/// What stands under a heading.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// An `svg` element.
    Figure(String),
    /// A table as HTML.
    Table(String),
    /// Why it cannot be made, and the command that would make it; empty where none does.
    Missing { why: String, command: String },
}

/// One table or figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// "Figure 3".
    pub name: String,
    pub caption: String,
    pub body: Body,
    /// Names of the files beside the page.
    pub files: Vec<String>,
}

impl Item {
    /// For a link within the page: "figure-3".
    pub fn anchor(&self) -> String {
        let word = |c: char| c.is_alphanumeric() || c == ' ';
        let plain: String = self
            .name
            .to_lowercase()
            .chars()
            .filter(|&c| word(c))
            .collect();
        plain.replace(' ', "-")
    }
}

/// The page. `facts` are sentences about the data set and how it was measured.
pub fn page(title: &str, facts: &[String], items: &[Item], provenance: &TableProvenance) -> String {
    let mut page = Page::new(title);
    for fact in facts {
        page.paragraph(fact);
    }
    let missing = |item: &&Item| matches!(item.body, Body::Missing { .. });
    page.links(items.iter().map(|item| {
        let mark = if missing(&item) { " (not made)" } else { "" };
        (
            format!("#{}", item.anchor()),
            format!("{}{mark}", item.name),
        )
    }));
    for item in items {
        page.section(&item.anchor(), &item.name);
        match &item.body {
            Body::Figure(drawing) => {
                page.figure(std::slice::from_ref(drawing), &item.caption);
            }
            Body::Table(table) => {
                page.paragraph(&item.caption);
                page.fragment(table);
            }
            Body::Missing { why, command } => {
                page.paragraph(&item.caption);
                page.note(&format!("Not made: {why}"));
                if !command.is_empty() {
                    page.command(command);
                }
            }
        }
        page.files(item.files.iter().map(String::as_str));
    }
    page.section("sources", "Provenance");
    page.command(&provenance.to_json());
    page.finish(&Provenance {
        parameters: serde_json::to_value(provenance).ok(),
        ..Provenance::of_this_program()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::tables::tests::provenance;

    #[test]
    fn what_is_not_made_says_why_and_how() {
        let items = [
            Item {
                name: "Table 5 (trained)".to_owned(),
                caption: "Effect of <parts>".to_owned(),
                body: Body::Missing {
                    why: "no grid was given".to_owned(),
                    command: "python -m summdiff_models grid".to_owned(),
                },
                files: Vec::new(),
            },
            Item {
                name: "Figure 6".to_owned(),
                caption: "Knapsacks".to_owned(),
                body: Body::Figure("<svg></svg>".to_owned()),
                files: vec!["figure-6.svg".to_owned()],
            },
        ];
        let page = page(
            "Paper of d.h5",
            &["50 videos".to_owned()],
            &items,
            &provenance(),
        );
        for words in [
            "Not made: no grid was given",
            "<pre>python -m summdiff_models grid</pre>",
            "Effect of &lt;parts&gt;",
            "href=\"figure-6.svg\"",
            "id=\"figure-6\"",
            "id=\"table-5-trained\"",
            "&quot;sha256&quot;:&quot;abc&quot;",
        ] {
            assert!(page.contains(words), "{words}\n{page}");
        }
        assert!(!page.contains("http"), "nothing is loaded from elsewhere");
        assert_eq!(
            page.matches("class=\"files").count(),
            1,
            "no list of no files"
        );
        assert_eq!(page.matches("id=\"provenance\"").count(), 1);
    }
}
