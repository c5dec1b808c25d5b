//! `guicheng schema`.

use crate::cli::{Context, FAILED, GOOD};
use crate::policy::schema::{self, Of};
use clap::ValueEnum;
use std::fs;
use std::path::Path;

/// The kinds of file.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    /// A procedure.
    Procedure,
    /// `company.toml`.
    Company,
    /// A calendar.
    Calendar,
    /// Timelines.
    Timeline,
}

impl Kind {
    fn of(self) -> Of {
        match self {
            Kind::Procedure => Of::Procedure,
            Kind::Company => Of::Company,
            Kind::Calendar => Of::Calendar,
            Kind::Timeline => Of::Timeline,
        }
    }
}

/// Prints the schema of a kind of file, or all by their kinds; with a folder, writes them there instead.
pub fn run(ctx: &mut Context<'_>, of: Option<Kind>, to: Option<&Path>) -> u8 {
    let wanted: Vec<Of> = of.map_or(Of::ALL.to_vec(), |kind| vec![kind.of()]);
    let Some(folder) = to else {
        match wanted.as_slice() {
            [one] => ctx.line(schema::write(*one).trim_end()),
            all => {
                let all: serde_json::Map<String, serde_json::Value> = all
                    .iter()
                    .map(|of| (of.word().to_owned(), schema::generate(*of)))
                    .collect();
                ctx.line(&serde_json::Value::from(all).to_string());
            }
        }
        return GOOD;
    };
    for of in wanted {
        let path = folder.join(format!("{}.schema.json", of.word()));
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, schema::write(of)));
        if let Err(error) = written {
            ctx.complain(&format!("{}: {error}", path.display()));
            return FAILED;
        }
        let shown = path.display().to_string();
        let line = if ctx.json {
            serde_json::json!({ "written": shown }).to_string()
        } else {
            shown
        };
        ctx.line(&line);
    }
    GOOD
}
