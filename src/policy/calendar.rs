//! Calendars: the published days of a nation, and what a company lays on top.

use super::codes;
use super::edition;
use super::model::Hours;
use super::nearest::unknown;
use super::node::{Node, Word};
use super::source::{File, say};
use super::table::Table;
use super::terms;
use crate::domain::calendar::{Calendar, CalendarLayer, Span};
use crate::domain::zone::Zone;
use chrono::{NaiveDate, NaiveTime};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The calendars of a folder, built when first asked for.
pub(super) struct Calendars<'a> {
    /// The company's zone.
    pub zone: Zone,
    files: Vec<CalendarFile<'a>>,
    company: Option<Arc<Calendar>>,
    company_layers: Vec<CalendarLayer>,
    /// The named hours read so far.
    pub hours: Vec<Arc<Hours>>,
    built: RefCell<HashMap<String, Arc<Calendar>>>,
}

/// A calendar file.
struct CalendarFile<'a> {
    id: String,
    base: Option<Word<'a>>,
    layer: CalendarLayer,
}

impl<'a> Calendars<'a> {
    /// Reads the calendar files.
    /// As they are known from a date on.
    pub fn read(files: &'a [File<'a>], zone: Zone, on: Option<NaiveDate>) -> Calendars<'a> {
        let read = files.iter().map(|file| calendar_file(file, on)).collect();
        let calendars = Calendars {
            zone,
            files: read,
            company: None,
            company_layers: Vec::new(),
            hours: Vec::new(),
            built: RefCell::default(),
        };
        for file in &calendars.files {
            if let Some(base) = &file.base
                && calendars.layers(&file.id).is_none()
            {
                let id = base.text;
                if id == file.id || calendars.files.iter().any(|known| known.id == id) {
                    base.at.find(
                        codes::CONFLICTING_KEYS,
                        say!("base = \"{id}\" 绕回了自己", "base = \"{id}\" leads back to itself"),
                        say!("删去其中一个 base", "remove one of the bases"),
                    );
                } else {
                    calendars.unknown(base);
                }
            }
        }
        calendars
    }

    /// Sets the company's own calendar: a published one, and its layer on top.
    pub fn set_company(&mut self, name: Option<&Word<'a>>, layer: &CalendarLayer) {
        let Some(name) = name else { return };
        let Some(mut layers) = self.layers(name.text) else {
            if !self.files.iter().any(|known| known.id == name.text) {
                self.unknown(name);
            }
            return;
        };
        if *layer != CalendarLayer::default() {
            layers.push(layer);
        }
        let calendar = Arc::new(Calendar::build(name.text, &layers));
        let kept = layers.into_iter().cloned().collect();
        self.company = Some(calendar);
        self.company_layers = kept;
    }

    /// The company's own calendar.
    pub fn company(&self) -> Option<Arc<Calendar>> {
        self.company.clone()
    }

    /// The company's calendar with other hours, by their name. A calendar of that name is reported.
    pub fn with_hours(&self, name: &Word<'_>, layer: &CalendarLayer) -> Option<Arc<Calendar>> {
        if let Some(file) = self.files.iter().find(|file| file.id == name.text) {
            let id = &file.id;
            name.at.find(
                codes::DUPLICATE_ID,
                say!("已经有一份日历叫“{id}”", "there is a calendar `{id}` already"),
                say!("给这段时间换一个名字", "give these hours another name"),
            );
        }
        self.company.as_ref()?;
        let layers: Vec<&CalendarLayer> = self.company_layers.iter().chain([layer]).collect();
        Some(Arc::new(Calendar::build(name.text, &layers)))
    }

    /// The hours that a rule names.
    pub fn preferred(&self, table: &mut Table<'_>) -> Option<Arc<Hours>> {
        let word = table.text("prefer")?;
        let found = self.hours.iter().find(|hours| hours.id.as_ref() == word.text);
        if found.is_none() {
            unknown(
                codes::UNKNOWN_CALENDAR,
                &word,
                ("时段", "hours"),
                self.hours.iter().map(|hours| hours.id.as_ref()),
            );
        }
        found.cloned()
    }

    /// The calendar or the hours that a rule names, else the company's calendar.
    pub fn chosen(&self, table: &mut Table<'_>) -> Option<Arc<Calendar>> {
        let Some(node) = table.take("calendar") else {
            return self.company();
        };
        let word = node.text()?;
        if let Some(hours) = self.hours.iter().find(|hours| hours.id.as_ref() == word.text) {
            return Some(Arc::clone(&hours.calendar));
        }
        if let Some(built) = self.built.borrow().get(word.text) {
            return Some(Arc::clone(built));
        }
        let Some(layers) = self.layers(word.text) else {
            self.unknown(&word);
            return None;
        };
        let calendar = Arc::new(Calendar::build(word.text, &layers));
        self.built
            .borrow_mut()
            .insert(word.text.to_owned(), Arc::clone(&calendar));
        Some(calendar)
    }

    fn unknown(&self, word: &Word<'_>) {
        unknown(
            codes::UNKNOWN_CALENDAR,
            word,
            ("日历", "calendar"),
            self.files
                .iter()
                .map(|file| file.id.as_str())
                .chain(self.hours.iter().map(|hours| hours.id.as_ref())),
        );
    }

    /// The layers of a calendar, base first; `None` for an unknown one or a circle.
    fn layers(&self, id: &str) -> Option<Vec<&CalendarLayer>> {
        let mut layers = Vec::new();
        let mut next = Some(id);
        while let Some(id) = next {
            let file = self.files.iter().find(|file| file.id == id)?;
            layers.push(&file.layer);
            if layers.len() > self.files.len() {
                return None;
            }
            next = file.base.as_ref().map(|word| word.text);
        }
        layers.reverse();
        Some(layers)
    }
}

/// The dates on which what a calendar says of a year came to be known, where that was not from the beginning.
pub(super) fn known_dates(files: &[File<'_>]) -> BTreeSet<NaiveDate> {
    let tables = files
        .iter()
        .filter_map(|file| file.root.get("calendar")?.get_ref().get("year")?.get_ref().as_array());
    let years = tables.flat_map(|years| years.iter());
    years
        .filter_map(|year| edition::date(year.get_ref().get("known_from")?))
        .collect()
}

fn calendar_file<'a>(file: &'a File<'a>, on: Option<NaiveDate>) -> CalendarFile<'a> {
    let mut found = CalendarFile {
        id: super::compile::stem(&file.name).to_owned(),
        base: None,
        layer: CalendarLayer::default(),
    };
    let mut root = Table::root(file);
    let node = root.need("calendar");
    root.finish();
    let Some(mut table) = node.and_then(|node| node.table()) else {
        return found;
    };
    table.title("title");
    found.base = table.text("base");
    found.layer.weekdays = table.take("weekdays").and_then(|node| terms::weekdays(&node));
    found.layer.hours = table.take("hours").map(|node| hours(&node));
    found.layer.rest_hours = table.take("rest_hours").map(|node| hours(&node));
    found.layer.covered = table.take("covered").and_then(|node| covered(&node));
    let mut years: BTreeMap<i64, (Option<NaiveDate>, CalendarLayer)> = BTreeMap::new();
    for node in table.take("year").map(|node| node.list()).unwrap_or_default() {
        let mut layer = CalendarLayer::default();
        let Some((year, known_from)) = read_year(&node, &mut layer) else {
            continue;
        };
        let said = years.get(&year).map(|(known_from, _)| *known_from);
        if said.is_some_and(|said| said >= known_from) {
            node.at.find(
                codes::DUPLICATE_ID,
                say!("{year} 年写了两次", "the year {year} is written twice"),
                say!(
                    "改过的通知，后一次加上 known_from（改的通知发布的日期），按先后排",
                    "of an amended notice, give the later one `known_from`, the date of its publication, in their order"
                ),
            );
        } else if known_from.is_none_or(|known| on.is_some_and(|on| known <= on))
            || said.is_none() && known_from.is_none()
        {
            years.insert(year, (known_from, layer));
        }
    }
    for (_, layer) in years.into_values() {
        found.layer.statutory.extend(layer.statutory);
        found.layer.days_off.extend(layer.days_off);
        found.layer.make_up.extend(layer.make_up);
    }
    table.finish();
    found
}

/// Reads a year; answers which it is, and since when it was known like this.
fn read_year(node: &Node<'_>, layer: &mut CalendarLayer) -> Option<(i64, Option<NaiveDate>)> {
    let mut table = node.table()?;
    let year = table.need("year").and_then(|node| node.int());
    let known_from = table.take("known_from").and_then(|node| node.date());
    for notice in table.take("notices").map(|node| node.list()).unwrap_or_default() {
        if let Some(mut notice) = notice.table() {
            notice.title("no");
            notice.take("issued").map(|node| node.date());
            notice.text("url");
            notice.finish();
        }
    }
    if let Some(node) = table.take("days_off") {
        layer.days_off.extend(spans(&node));
    }
    if let Some(node) = table.take("make_up") {
        for item in node.list() {
            let Some((on, why)) = make_up(&item) else { continue };
            if layer.days_off.iter().any(|(from, to, _)| (*from..=*to).contains(&on)) {
                item.at.find(
                    codes::CONFLICTING_KEYS,
                    say!("{on} 既放假又上班", "{on} is both off and worked"),
                    say!("从 days_off 或 make_up 里去掉它", "take it out of days_off or make_up"),
                );
            }
            layer.make_up.push((on, why));
        }
    }
    for day in table.take("statutory").map(|node| node.list()).unwrap_or_default() {
        layer.statutory.extend(day.date());
    }
    table.finish();
    Some((year?, known_from))
}

/// `[{ name, from, to }]`; one day may leave `to` away.
pub(super) fn spans(node: &Node<'_>) -> Vec<(NaiveDate, NaiveDate, Arc<str>)> {
    let span = |item: &Node<'_>| {
        let mut table = item.table()?;
        let name = table.title("name");
        let from = table.need("from").and_then(|node| node.date());
        let to_node = table.take("to");
        let to = to_node.map_or(from, |node| node.date());
        table.finish();
        let (from, to) = (from?, to?);
        if from > to {
            to_node
                .unwrap_or(*item)
                .bad_value(&format!("不早于 {from} 的日期"), &format!("a date not before {from}"));
            return None;
        }
        Some((from, to, Arc::from(name?.text)))
    };
    node.list().iter().filter_map(span).collect()
}

fn make_up(item: &Node<'_>) -> Option<(NaiveDate, Arc<str>)> {
    let mut table = item.table()?;
    let on = table.need("date").and_then(|node| node.date());
    let why = table.title("for");
    table.finish();
    Some((on?, Arc::from(why?.text)))
}

/// `[["09:00", "12:00"], …]`
pub(super) fn hours(node: &Node<'_>) -> Vec<Span> {
    let span = |item: &Node<'_>| {
        let list = item.list();
        let [from, to] = list.as_slice() else {
            if item.value.is_array() {
                item.bad_value(
                    "起止两个时刻，如 [\"09:00\", \"12:00\"]",
                    "two times such as [\"09:00\", \"12:00\"]",
                );
            }
            return None;
        };
        let (from, to) = (terms::time_of_day(from)?, terms::time_of_day(to)?);
        if from >= to && to != NaiveTime::MIN {
            item.bad_value(
                "先早后晚的两个时刻；跨过半夜的写成两段",
                "the earlier time first; two spans where it crosses midnight",
            );
            return None;
        }
        Some((from, to))
    };
    node.list().iter().filter_map(span).collect()
}

fn covered(node: &Node<'_>) -> Option<(NaiveDate, NaiveDate)> {
    let dates: Vec<NaiveDate> = node.list().iter().filter_map(Node::date).collect();
    match dates.as_slice() {
        [from, to] if from <= to => Some((*from, *to)),
        _ => {
            if node.value.is_array() {
                node.bad_value("起止两个日期", "two dates, the earlier first");
            }
            None
        }
    }
}

/// The layer that `[company]` lays on the published calendar.
pub(super) fn company_layer(table: &mut Table<'_>) -> CalendarLayer {
    let mut layer = CalendarLayer {
        weekdays: table.take("weekdays").and_then(|node| terms::weekdays(&node)),
        hours: table.take("hours").map(|node| hours(&node)),
        rest_hours: table.take("rest_hours").map(|node| hours(&node)),
        ..CalendarLayer::default()
    };
    layer.days_off = table.take("closed").map(|node| spans(&node)).unwrap_or_default();
    for item in table.take("extra_workdays").map(|node| node.list()).unwrap_or_default() {
        match item.as_date() {
            Some(on) => layer.make_up.push((on, Arc::from("加班"))),
            None => layer.make_up.extend(make_up(&item)),
        }
    }
    layer
}

/// A zone of the IANA database.
pub(super) fn zone(word: &Word<'_>) -> Option<Zone> {
    let zone = Zone::parse(word.text);
    if zone.is_none() {
        let common = [
            "Asia/Shanghai",
            "Asia/Hong_Kong",
            "Asia/Urumqi",
            "Asia/Macau",
            "Asia/Taipei",
            "Asia/Singapore",
            "UTC",
        ];
        unknown(codes::UNKNOWN_ZONE, word, ("时区", "time zone"), common.into_iter());
    }
    zone
}
