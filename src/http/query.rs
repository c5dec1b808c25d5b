//! Query parameters: taken by name; one that nobody asked for is an error, since a typo must not widen an answer.

use crate::domain::zone::{Instant, Zone};
use crate::http::problem::Problem;

/// The parameters of a request that have not been taken yet.
pub struct Query(Vec<(String, String)>);

impl Query {
    /// The parameters of a request.
    pub fn new(pairs: Vec<(String, String)>) -> Query {
        Query(pairs)
    }

    /// Takes a parameter; of several of one name, the last.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let value = self.0.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        self.0.retain(|(n, _)| n != name);
        value.filter(|v| !v.is_empty())
    }

    /// Takes an instant: RFC 3339, or a local time of the zone.
    pub fn instant(&mut self, name: &'static str, zone: Zone) -> Result<Option<Instant>, Problem> {
        let Some(text) = self.take(name) else { return Ok(None) };
        // A plus sign that was not escaped arrives as a blank.
        let text = text.replace(' ', "+");
        let read = zone.parse_instant(&text).map(Some);
        read.map_err(|e| {
            let en = format!("parameter `{name}` is `{text}`: {e}; write it like 2026-03-02T10:00:00+08:00");
            let zh = format!("参数 `{name}` 写成了 `{text}`：{e}；应写成 2026-03-02T10:00:00+08:00");
            Problem::new(400, "bad-parameter", en, zh).at(format!("?{name}"))
        })
    }

    /// Takes a number within bounds, both included.
    pub fn number(&mut self, name: &'static str, least: usize, most: usize) -> Result<Option<usize>, Problem> {
        let Some(text) = self.take(name) else { return Ok(None) };
        match text.parse::<usize>() {
            Ok(n) if (least..=most).contains(&n) => Ok(Some(n)),
            _ => {
                let en = format!("parameter `{name}` is `{text}`; it must be a number from {least} to {most}");
                let zh = format!("参数 `{name}` 写成了 `{text}`，应为{least}到{most}的数");
                Err(Problem::new(400, "bad-parameter", en, zh).at(format!("?{name}")))
            }
        }
    }

    /// Takes a yes or no.
    pub fn flag(&mut self, name: &'static str) -> Result<bool, Problem> {
        match self.take(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => {
                let en = format!("parameter `{name}` is `{other}`; it must be true or false");
                let zh = format!("参数 `{name}` 写成了 `{other}`，应为 true 或 false");
                Err(Problem::new(400, "bad-parameter", en, zh).at(format!("?{name}")))
            }
        }
    }

    /// Fails if a parameter is left that nobody asked for.
    pub fn finish(self, known: &[&str]) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => {
                let list = known.join(", ");
                let en = format!("there is no parameter `{name}` here; there are: {list}");
                let zh = format!("这里没有参数 `{name}`；有的是：{list}");
                Err(Problem::new(400, "unknown-parameter", en, zh).at(format!("?{name}")))
            }
        }
    }
}
