//! The company: its zone and calendar, its areas, its people and what they hold.

use super::calendar;
use super::codes;
use super::model::{Area, Hold, Id, Person};
use super::names::Names;
use super::nearest::{nearest, unknown};
use super::node::{Node, Word};
use super::source::say;
use super::table::Table;
use crate::domain::calendar::CalendarLayer;
use crate::domain::zone::Zone;
use std::collections::BTreeMap;

/// What `[company]` says.
pub(super) struct CompanyHead<'a> {
    /// Its id.
    pub id: Option<Word<'a>>,
    /// Its name.
    pub title: Option<Id>,
    /// Its zone.
    pub zone: Option<Zone>,
    /// The published calendar it follows.
    pub calendar: Option<Word<'a>>,
    /// What it says of itself in texts.
    pub texts: BTreeMap<Id, Id>,
    /// What it lays on top of that.
    pub layer: CalendarLayer,
}

/// Reads `[company]`.
pub(super) fn head<'a>(root: &mut Table<'a>, folder: &str) -> Option<CompanyHead<'a>> {
    let node = root.need("company")?;
    let mut table = node.table()?;
    let mut texts: BTreeMap<Id, Id> = table
        .family("text")
        .into_iter()
        .filter_map(|(name, node)| Some((name.id(), node.text()?.id())))
        .collect();
    texts.extend(table.text("phone").map(|word| (Id::from("phone"), word.id())));
    let head = CompanyHead {
        id: table.title("id"),
        title: table.title("title").map(|word| word.id()),
        zone: table.title("zone").and_then(|word| calendar::zone(&word)),
        calendar: table.title("calendar"),
        texts,
        layer: calendar::company_layer(&mut table),
    };
    table.finish();
    if let Some(id) = head.id.as_ref().filter(|id| id.text != folder) {
        let written = id.text;
        id.at.find(
            codes::ID_MISMATCH,
            say!(
                "公司编号“{written}”和文件夹“{folder}”不一致",
                "the company id `{written}` differs from the folder `{folder}`"
            ),
            say!(
                "写 id = \"{folder}\"，或给文件夹改名",
                "write id = \"{folder}\", or rename the folder"
            ),
        );
    }
    Some(head)
}

/// Reads the areas. A building lies in one of them only.
pub(super) fn areas(root: &mut Table<'_>) -> Vec<Area> {
    let mut buildings: BTreeMap<String, Id> = BTreeMap::new();
    let mut areas = Vec::new();
    for (name, node) in root.family("area") {
        let Some(mut table) = Table::rule(name, node) else {
            continue;
        };
        let id = name.id();
        let title = table.title("title").map_or_else(|| id.clone(), |word| word.id());
        let words = table.need("buildings").map(|node| node.texts()).unwrap_or_default();
        table.finish();
        for word in &words {
            if let Some(other) = buildings.insert(word.text.to_owned(), id.clone()) {
                let building = word.text;
                word.at.find(
                    codes::DUPLICATE_ID,
                    say!(
                        "楼宇“{building}”已经在片区“{other}”里",
                        "the building `{building}` lies in the area `{other}` already"
                    ),
                    say!("只留在一个片区", "keep it in one area"),
                );
            }
        }
        areas.push(Area {
            id,
            title,
            buildings: words.iter().map(Word::id).collect(),
        });
    }
    areas
}

/// Reads the people.
pub(super) fn people<'a>(root: &mut Table<'a>, areas: &[Area], names: &Names<'a>) -> Vec<Person> {
    let mut people = Vec::new();
    for (word, node) in root.family("person") {
        let Some(mut table) = Table::rule(word, node) else {
            continue;
        };
        let name = table.title("name").map_or_else(|| word.id(), |name| name.id());
        let holds = table.take("holds").map(|node| node.list()).unwrap_or_default();
        table.finish();
        people.push(Person {
            id: word.id(),
            name,
            holds: holds.iter().filter_map(|node| hold(node, areas, names)).collect(),
        });
    }
    people
}

fn hold(node: &Node<'_>, areas: &[Area], names: &Names<'_>) -> Option<Hold> {
    let mut table = node.table()?;
    let role = table.title("role");
    let of = table.texts("of");
    table.finish();
    let role = role?;
    let find = |name: &str| names.roles.iter().find(|known| known.name.text == name);
    let Some(known) = find(role.text) else {
        let all = || names.roles.iter().map(|role| role.name.text);
        unknown(codes::UNKNOWN_ROLE, &role, ("角色", "role"), all());
        // Taken for what was probably meant, so that the role is not reported as vacant as well.
        return nearest(role.text, all()).map(|near| Hold {
            role: names.id(near),
            of: Vec::new(),
        });
    };
    let mut held: Vec<Id> = of.iter().map(|word| names.id(word.text)).collect();
    if known.scope.is_some_and(|scope| scope.text == "area") {
        for word in of
            .iter()
            .filter(|word| !areas.iter().any(|area| area.id.as_ref() == word.text))
        {
            unknown(
                codes::UNKNOWN_AREA,
                word,
                ("片区", "area"),
                areas.iter().map(|area| area.id.as_ref()),
            );
            // Held everywhere, for the same reason.
            held.clear();
        }
    }
    Some(Hold {
        role: names.id(role.text),
        of: held,
    })
}
