//! A folder's text to the company that the engine runs, with everything that is wrong with it.

use super::adopt;
use super::analysis;
use super::calendar::Calendars;
use super::codes;
use super::company;
use super::computed;
use super::decision;
use super::duty::Around;
use super::edition::{self, Plan, Together};
use super::finding::{Finding, Severity};
use super::guidance::Guide;
use super::kind;
use super::model::{
    Area, Company, Computed, Course, Frame, Id, InForce, Person, Procedure, Rate, Target, Timing, Trigger,
};
use super::names::{Names, Once};
use super::node::{Node, Word};
use super::notice::Notices;
use super::penalty::Priced;
use super::procedure::{self, Draft};
use super::record;
use super::review::Reviews;
use super::role;
use super::sample;
use super::script;
use super::sift;
use super::source::{File, say};
use super::table::Table;
use super::trigger;
use crate::domain::zone::Zone;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

/// A file's name and text.
#[derive(Debug, Clone)]
pub struct Source {
    /// The name, as it shall stand in findings: `policies/fuheng/follow-up.toml`.
    pub name: Arc<str>,
    /// The text.
    pub text: Arc<str>,
}

/// A company's folder.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The folder's name: the company's id.
    pub id: String,
    /// The `.toml` files of the folder itself, sorted by name, `company.toml` among them; after them those of the folder
    /// `base` that they adopt.
    pub files: Vec<Source>,
    /// The calendars at hand; the stem of the file's name is the calendar's id.
    pub calendars: Vec<Source>,
    /// The company's scripts, the `.rhai` files of its script folder, sorted by name.
    pub scripts: Vec<Source>,
}

/// What became of a folder.
#[derive(Debug)]
pub struct Compiled {
    /// The company; there is one if no finding is an error.
    pub company: Option<Company>,
    /// Whether a file could not be read as TOML, so that what it says is not known.
    pub broken: bool,
    /// What was found, by file and position.
    pub findings: Vec<Finding>,
}

/// Compiles a folder: parses all of it, checks all of it, lowers it. Reads nothing but its argument.
pub fn compile(folder: &Folder) -> Compiled {
    let (bases, files) = adopt::own_and_base(folder);
    let layouts = adopt::lay_out(&files, &bases);
    let own: Vec<File<'_>> = layouts.iter().map(|layout| adopt::read(layout, &bases)).collect();
    let calendars: Vec<File<'_>> = folder
        .calendars
        .iter()
        .map(|source| File::read(&source.name, &source.text))
        .collect();
    let absent = absent_company(folder);
    let scripts: Vec<File<'_>> = folder.scripts.iter().map(|s| File::plain(&s.name, &s.text)).collect();
    let company = build_all(folder, &own, &calendars, &scripts);
    let broken = own.iter().chain(&calendars).any(|file| file.broken);
    let sound = !own
        .iter()
        .chain(&calendars)
        .chain(&scripts)
        .chain(&absent)
        .any(File::has_error);
    if let Some(company) = company.as_ref().filter(|_| sound) {
        analysis::analyse(company, &own, &calendars, &scripts);
    }
    let files = own.into_iter().chain(calendars).chain(scripts).chain(absent);
    let findings = sift::sift(files.flat_map(File::into_findings).collect(), broken);
    let failed = findings.iter().any(|finding| finding.severity == Severity::Error);
    Compiled {
        company: company.filter(|_| !failed),
        broken,
        findings,
    }
}

/// SHA-256 in hex over all names and texts of a folder: what a company compiled from it carries as its hash. Where the
/// folder lies does not matter.
pub fn content_hash(folder: &Folder) -> Id {
    let sources = folder.files.iter().chain(&folder.calendars).chain(&folder.scripts);
    sha256(sources.flat_map(|source| [base(&source.name), &*source.text]))
}

/// The name of a file without its folder.
fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// The name of a file without its folder and ending.
pub(super) fn stem(name: &str) -> &str {
    let base = base(name);
    base.strip_suffix(".toml").unwrap_or(base)
}

/// SHA-256 in hex.
pub(super) fn sha256<'t>(texts: impl IntoIterator<Item = &'t str>) -> Id {
    let mut hash = Sha256::new();
    let mut parts = 0_usize;
    for text in texts {
        // With its length before it, no two lists of texts run together into the same bytes.
        if parts > 0 {
            hash.update(text.len().to_le_bytes());
        }
        hash.update(text.as_bytes());
        parts = parts.saturating_add(1);
    }
    let mut hex = String::new();
    for byte in hash.finalize() {
        // Writing to a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex.into()
}

/// A file to hold the finding that there is no `company.toml`.
fn absent_company(folder: &Folder) -> Option<File<'static>> {
    if folder.files.iter().any(|source| stem(&source.name) == "company") {
        return None;
    }
    let id = &folder.id;
    let beside = folder.files.first().and_then(|source| source.name.rsplit_once('/'));
    let name = beside.map_or_else(
        || format!("{id}/company.toml"),
        |(dir, _)| format!("{dir}/company.toml"),
    );
    let file = File::read(&Id::from(name), "");
    file.place(0, 0).find(
        codes::MISSING_FILE,
        say!(
            "文件夹“{id}”里没有 company.toml",
            "the folder `{id}` has no company.toml"
        ),
        say!(
            "加上这个文件，写 [company] id = \"{id}\"",
            "add the file, with [company] id = \"{id}\""
        ),
    );
    Some(file)
}

/// Builds what is in force from each date on, and puts it together.
fn build_all<'a>(
    folder: &Folder,
    own: &'a [File<'a>],
    calendar_files: &'a [File<'a>],
    script_files: &[File<'_>],
) -> Option<Company> {
    let files = own.iter().enumerate();
    let procedures: Vec<usize> = files
        .filter(|(_, file)| stem(&file.name) != "company")
        .map(|(number, _)| number)
        .collect();
    let plan = edition::plan(own, &procedures, &super::calendar::known_dates(calendar_files));
    let built: Vec<Built<'_>> = plan
        .sets
        .iter()
        .map(|set| build(folder, own, (calendar_files, script_files), (&plan, set)))
        .collect();
    for one in &built {
        built.iter().for_each(|other| one.names.absorb(&other.names));
        one.names.unused();
        if let Some((people, areas)) = &one.staff {
            role::vacancies(&one.names, people, areas);
        }
    }
    let mut companies = Vec::new();
    for one in built {
        companies.push(one.company?);
    }
    join(companies, &plan)
}

/// The newest of the sets, with what is in force when.
fn join(mut companies: Vec<Company>, plan: &Plan<'_>) -> Option<Company> {
    let in_force = companies.iter().zip(&plan.sets).map(|(company, set)| InForce {
        from: set.from,
        procedures: company.procedures.clone(),
        kinds: company.kinds.clone(),
        whole_from: company
            .procedures
            .iter()
            .map(|p| p.head.effective)
            .max()
            .unwrap_or_default(),
        known: set.known,
    });
    let in_force = in_force.collect();
    let mut company = companies.pop()?;
    company.in_force = in_force;
    Some(company)
}

/// A set of editions, built.
struct Built<'a> {
    company: Option<Company>,
    names: Names<'a>,
    /// Who is there to hold roles, where a file says so at all.
    staff: Option<Staff>,
}

fn build<'a>(
    folder: &Folder,
    own: &'a [File<'a>],
    (calendar_files, script_files): (&'a [File<'a>], &[File<'_>]),
    (plan, set): (&'a Plan<'a>, &Together),
) -> Built<'a> {
    let mut names = Names::default();
    names.clauses.resize(own.len(), Vec::new());
    let (company, staff) =
        build_one(folder, own, (calendar_files, script_files), (plan, set), &mut names).unwrap_or_default();
    Built { company, names, staff }
}

type Staff = (Vec<Person>, Vec<Area>);

fn build_one<'a>(
    folder: &Folder,
    own: &'a [File<'a>],
    (calendar_files, script_files): (&'a [File<'a>], &[File<'_>]),
    (plan, set): (&'a Plan<'a>, &Together),
    names: &mut Names<'a>,
) -> Option<(Option<Company>, Option<Staff>)> {
    let mut company_root = own.iter().find(|file| stem(&file.name) == "company").map(Table::root);
    let head = company_root.as_mut().and_then(|root| company::head(root, &folder.id));

    let own_texts = head.iter().flat_map(|head| head.texts.keys());
    names.said = own_texts.map(|name| format!("company.{name}")).collect();
    names.said.push("company.title".to_owned());

    let mut calendars = Calendars::read(
        calendar_files,
        head.as_ref().and_then(|head| head.zone).or(Zone::parse("UTC"))?,
        set.from,
    );
    if let Some(head) = &head {
        calendars.set_company(head.calendar.as_ref(), &head.layer);
    }

    let (mut drafts, mut earlier) = (Vec::new(), Vec::new());
    let open = |at: &usize, names: &mut Names<'a>| {
        let edition = plan.editions.get(*at)?;
        Some(procedure::open(own.get(edition.number)?, edition, names))
    };
    for (now, before) in &set.editions {
        drafts.extend(open(now, names));
        earlier.extend(before.iter().filter_map(|at| Some(open(at, names)?.0)));
    }
    let company_roles = company_root
        .as_mut()
        .map(|root| root.family("role"))
        .unwrap_or_default();
    declare(names, company_roles, &drafts, &earlier);

    let areas = company_root.as_mut().map(company::areas).unwrap_or_default();
    let people = company_root
        .as_mut()
        .map(|root| company::people(root, &areas, names))
        .unwrap_or_default();
    if let Some(root) = company_root {
        root.finish();
    }

    let names = &*names;
    kind::check(names);
    trigger::cycles(names);
    let roles = role::lower(names);
    let scripts = script::read(script_files, script::facts(calendars.company(), &people, &roles));

    let mut draws = HashMap::new();
    let mut limits = HashMap::new();
    let mut priced = Priced::new();
    let mut read = Vec::new();
    for (mut draft, head) in drafts {
        draft.read_head(head, Some(&folder.id), names);
        draft.read_rates(names, &mut draws);
        draft.read_hours(names, &mut calendars);
        draft.read_consents(names, &mut limits);
        draft.read_penalties(names, &mut priced);
        read.push(draft);
    }
    let guide = Guide::read(
        read.iter().flat_map(|draft: &Draft<'_>| draft.numbered("guidance")),
        names,
    );
    let notices = Notices::read(
        read.iter().flat_map(|draft: &Draft<'_>| draft.numbered("notice")),
        names,
    );
    let heads = read
        .iter()
        .filter_map(|draft| Some((draft.number, draft.head.clone()?)));
    let reviews = Reviews {
        heads: heads.collect(),
        calendar: calendars.company(),
    };
    let records: Vec<_> = names
        .records
        .iter()
        .filter_map(|decl| {
            let record = record::lower(decl, names, (&scripts, &reviews))?;
            Some((decl.file, Arc::new(record)))
        })
        .collect();
    let computed: HashMap<Id, Vec<Arc<Computed>>> = names
        .kinds
        .iter()
        .map(|kind| {
            (
                names.id(kind.name.text),
                computed::lower(kind, names, &scripts, &reviews),
            )
        })
        .collect();
    let by_id: HashMap<Id, _> = records
        .iter()
        .map(|(_, record)| (record.id.clone(), Arc::clone(record)))
        .collect();

    let around = Around {
        names,
        calendars: &calendars,
        records: &by_id,
        guide: &guide,
        notices: &notices,
        priced: &priced,
        draws: &draws,
        limits: &limits,
    };
    let procedures: Vec<_> = read
        .into_iter()
        .filter_map(|draft| draft.finish(&around, &records))
        .map(|mut procedure| {
            let own = |c: &&Arc<Computed>| Arc::ptr_eq(&c.review.head, &procedure.head);
            procedure.computed = computed.values().flatten().filter(own).cloned().collect();
            procedure.computed.sort_by_key(|c| c.review.line);
            procedure
        })
        .map(Arc::new)
        .collect();
    let staff = head.as_ref().map(|_| (people.clone(), areas.clone()));
    let mut kinds = kind::lower(names, &by_id, &ranks(names, &procedures), &computed);
    let decided = |rate: &Arc<Rate>| matches!(rate.target, Target::DecidedBy(_));
    if procedures.iter().flat_map(|p| &p.rates).any(decided) {
        kinds.extend([decision::kind()]);
    }
    let company = head.and_then(|head| {
        Some(Company {
            id: head.id?.id(),
            title: head.title?,
            zone: head.zone?,
            calendar: calendars.company()?,
            texts: head.texts,
            areas,
            people,
            roles,
            kinds,
            procedures,
            in_force: Vec::new(),
            scripts,
            hash: content_hash(folder),
        })
    });
    Some((company, staff))
}

/// Makes everything known that rules may refer to.
fn declare<'a>(
    names: &mut Names<'a>,
    company_roles: Vec<(Word<'a>, Node<'a>)>,
    drafts: &[(Draft<'a>, Option<Node<'a>>)],
    earlier: &[Draft<'a>],
) {
    let (mut roles, mut kinds, mut records, mut rules) =
        (Once::default(), Once::default(), Once::default(), Once::default());
    // No kind of case is of the company's own file.
    let of_company = company_roles.into_iter().map(|(name, node)| (usize::MAX, name, node));
    let own = drafts.iter().flat_map(|(draft, _)| {
        let roles = draft.family("role").into_iter();
        roles.map(|(name, node)| (draft.number, name, node))
    });
    for (file, name, node) in of_company.chain(own) {
        if roles.take(name, "角色", "role") {
            names.roles.extend(role::declare(file, name, node));
        }
    }
    for (draft, _) in drafts {
        let metrics = draft.family("metric").into_iter();
        let points = metrics.filter(|(_, node)| node.value.get("points").is_some());
        names.points.extend(points.map(|(name, _)| name.text));
        for (name, node) in draft.family("record") {
            if records.take(name, "记录表", "record") {
                names.records.push(record::declare(name, draft.number, node));
            }
        }
        for kind in kind::declare(draft.number, draft.family("case")) {
            if kinds.take(kind.name, "案件", "kind of case") {
                names.kinds.push(kind);
            }
        }
    }
    earlier.iter().for_each(|draft| declare_earlier(names, draft));
    let (mut duties, mut samples) = (Vec::new(), Vec::new());
    for (draft, _) in drafts {
        let mut all: Vec<_> = procedure::RULES
            .iter()
            .flat_map(|family| {
                draft
                    .family(family)
                    .into_iter()
                    .map(move |(name, node)| (*family, name, node))
            })
            .collect();
        all.sort_by_key(|(_, name, _)| name.at.start);
        for (family, name, node) in all {
            if !rules.take(name, "规则", "rule") {
                continue;
            }
            if family == "sample" && sample::is_of_members(&node) {
                samples.extend(sample::declare(names, draft.number, name, node));
            } else if ["deadline", "recurring", "reminder", "occasion", "sample"].contains(&family) {
                let mut duty = trigger::declare(names, draft.number, name, node, family);
                duty.reminder = family == "reminder";
                duties.push(duty);
            }
        }
    }
    names.duties = duties;
    names.samples = samples;
}

/// Keeps what an earlier edition of a procedure declares: its cases go on. What a later one declares again counts as
/// the later one has it.
fn declare_earlier<'a>(names: &mut Names<'a>, draft: &Draft<'a>) {
    for (name, node) in draft.family("role") {
        if !names.roles.iter().any(|role| role.name.text == name.text) {
            names.roles.extend(role::declare(draft.number, name, node));
        }
    }
    for (name, node) in draft.family("record") {
        if names.record(name.text).is_none() {
            names.records.push(record::declare(name, draft.number, node));
        }
    }
    for kind in kind::declare(draft.number, draft.family("case")) {
        match names.kinds.iter_mut().find(|known| known.name.text == kind.name.text) {
            Some(known) => known.join(kind),
            None => names.kinds.push(kind),
        }
    }
}

/// The places of events among others of the same instant: trigger 0, pause 1, resume 2, perform 3, close 4.
fn ranks(names: &Names<'_>, procedures: &[Arc<Procedure>]) -> HashMap<Id, u8> {
    let mut ranks: HashMap<Id, u8> = HashMap::new();
    let duties = || procedures.iter().flat_map(|procedure| &procedure.duties);
    // From the weakest claim to the strongest; a later one replaces an earlier.
    for duty in duties() {
        ranks.extend(duty.done.iter().map(|done| (done.event.clone(), 3)));
    }
    let of_course = |wanted: fn(&Course) -> Option<u8>| {
        names.kinds.iter().flat_map(move |kind| {
            kind.events.iter().filter_map(move |event| {
                Some((
                    names.id(&format!("{}.{}", kind.name.text, event.name.text)),
                    wanted(&event.course)?,
                ))
            })
        })
    };
    ranks.extend(of_course(|course| match course {
        Course::Pause(_) => Some(1),
        Course::Resume(_) => Some(2),
        _ => None,
    }));
    for duty in duties() {
        // What ends a recurrence comes after what performs it at the same instant.
        if let Timing::Recurring { until, .. } | Timing::Reminder { until, .. } = &duty.timing {
            ranks.extend(until.iter().map(|event| (event.clone(), 4)));
        }
    }
    for duty in duties() {
        if let Trigger::Events(events) | Trigger::Occasion(events) = &duty.on {
            ranks.extend(events.iter().map(|event| (event.clone(), 0)));
        }
        ranks.extend(duty.from.iter().map(|event| (event.clone(), 0)));
    }
    for sample in procedures.iter().flat_map(|procedure| &procedure.samples) {
        // Who is drawn is known before anything is done for them at the same instant.
        if let Frame::Members { .. } = sample.frame {
            ranks.extend(sample.on.iter().map(|event| (event.clone(), 0)));
        }
    }
    ranks.extend(of_course(|course| match course {
        Course::Reopen => Some(0),
        Course::Cancel | Course::Merge => Some(4),
        _ => None,
    }));
    ranks
}
