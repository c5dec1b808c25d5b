//! Samples: what each draws from and how, and the record of each draw, from which it can be repeated.

use crate::domain::fraction::Fraction;
use crate::domain::zone::Instant;
use crate::engine::cited::Cited;
use crate::engine::drawing::{self, PeriodRecord};
use crate::engine::lot::{self, Entry, Lot};
use crate::engine::open::period_of;
use crate::engine::rate::{parse_period, period_name};
use crate::engine::sample::{self, CaseDraw};
use crate::policy::model::{Frame, Id, Period, Sample, Size, Strata};
use crate::service::ServiceError;
use crate::service::ask::Question;
use serde::Serialize;
use std::sync::Arc;

/// A sample as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct SampleView {
    /// The rule.
    pub sample: String,
    /// Its name for people.
    pub title: String,
    /// The clause.
    pub clause: String,
    /// SHA-256 of the text of the edition that decides.
    pub edition: String,
    /// What is drawn: `cases` of a period, or `members` of a case.
    pub of: &'static str,
    /// Over what; none where members are drawn.
    pub per: Option<&'static str>,
    /// Its draws: of the period asked about, or of each case.
    pub draws: Vec<DrawView>,
}

/// The record of a draw.
#[derive(Clone, Debug, Serialize)]
pub struct DrawView {
    /// The clause of the edition that decides the draw.
    pub clause: String,
    /// SHA-256 of the text of that edition.
    pub edition: String,
    /// The period.
    pub period: Option<String>,
    /// The case whose members are drawn.
    pub case: Option<String>,
    /// The event after which that was done.
    pub event: Option<String>,
    /// `accruing` while the frame may still grow; `drawn`.
    pub status: &'static str,
    /// Whether it is shown whole; not to whoever may not see all cases of the frame, and then without its seed.
    pub complete: bool,
    /// When it is drawn, or was.
    pub drawn_at: String,
    /// SHA-256 of the seed, in hex: what may be known before the draw.
    pub commitment: String,
    /// The seed, in hex; none before the draw.
    pub seed: Option<String>,
    /// SHA-256 over the names in the frame, sorted, each followed by a line feed; in hex.
    pub frame_hash: Option<String>,
    /// How many there are to draw from.
    pub population: u64,
    /// The share that is drawn, rounded up; none where a number is.
    pub share: Option<String>,
    /// The number that is drawn; none where a share is.
    pub number: Option<u32>,
    /// How many that are.
    pub size: u64,
    /// By what the draw is spread: a field of the case, or the part of a name before a text.
    pub strata: Option<String>,
    /// Of each stratum how many there were and how many were drawn.
    pub spread: Vec<SpreadView>,
    /// Who there is to draw from, sorted.
    pub frame: Vec<EntryView>,
    /// Who was drawn, in the order of the draw, and what became of it.
    pub drawn: Vec<DrawnView>,
    /// How many of those are done.
    pub done: u64,
    /// Cases that came to be known too late for the draw.
    pub not_in_frame: Vec<String>,
    /// Cases of the frame that turned out not to belong to it.
    pub gone: Vec<String>,
    /// The events that made those of the frame members of it; of a case, the event after which it was drawn.
    pub events: Cited,
}

/// One of a frame.
#[derive(Clone, Debug, Serialize)]
pub struct EntryView {
    /// Its name.
    pub member: String,
    /// Its stratum; empty where there are none.
    pub stratum: String,
    /// The event that made it one; none of a name in a list, and of what has turned out not to belong to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

/// A stratum.
#[derive(Clone, Debug, Serialize)]
pub struct SpreadView {
    /// The stratum.
    pub stratum: String,
    /// How many there were.
    pub population: u64,
    /// How many were drawn.
    pub drawn: u64,
}

/// One that was drawn.
#[derive(Clone, Debug, Serialize)]
pub struct DrawnView {
    /// Its name.
    pub member: String,
    /// What is owed because of it, where that is one obligation of its own.
    pub obligation: Option<String>,
    /// Whether it is done.
    pub done: bool,
}

impl Question<'_> {
    /// All samples, those of cases with the period of that name, or the one that runs; without frames.
    pub fn samples(&self, period: Option<&str>) -> Result<Vec<SampleView>, ServiceError> {
        let company = self.company();
        let all: Vec<Arc<Sample>> = company.procedures.iter().flat_map(|p| &p.samples).cloned().collect();
        let mut views = Vec::new();
        for sample in all {
            let named = period.filter(|name| per_of(&sample).is_some_and(|per| parse_period(per, name).is_some()));
            if period.is_some() && named.is_none() {
                continue;
            }
            let mut view = self.view(&sample, named, None)?;
            for draw in &mut view.draws {
                draw.frame.clear();
            }
            views.push(view);
        }
        Ok(views)
    }

    /// One sample with its frame: of cases for the period of that name, or the one that runs; of members for that case,
    /// or for all.
    pub fn sample(&self, id: &str, period: Option<&str>, case: Option<&str>) -> Result<SampleView, ServiceError> {
        let company = self.company();
        let mut all = company.procedures.iter().flat_map(|p| &p.samples);
        let found = all.find(|s| s.id.as_ref() == id).cloned();
        let sample = found.ok_or_else(|| ServiceError::NotFound {
            what: "sample",
            id: id.to_owned(),
        })?;
        let refuse = |parameter: &'static str, message: String| Err(ServiceError::BadQuestion { parameter, message });
        match (&sample.frame, period, case) {
            (Frame::Cases { .. }, _, Some(_)) => refuse("case", format!("`{id}` draws cases; ask with `period`")),
            (Frame::Members { .. }, Some(_), _) => {
                refuse("period", format!("`{id}` draws members of a case; ask with `case`"))
            }
            (Frame::Cases { per, .. }, Some(name), _) if parse_period(*per, name).is_none() => {
                let example = period_name(*per, company.zone.date(self.as_of));
                refuse(
                    "period",
                    format!("`{name}` is no period of sample `{id}`; write it like {example}"),
                )
            }
            _ => self.view(&sample, period, case),
        }
    }

    fn view(&self, sample: &Arc<Sample>, period: Option<&str>, case: Option<&str>) -> Result<SampleView, ServiceError> {
        let draws = match &sample.frame {
            Frame::Cases { per, .. } => vec![self.of_period(sample, *per, period)?],
            Frame::Members { .. } => self.of_cases(sample, case)?,
        };
        Ok(SampleView {
            sample: sample.id.to_string(),
            title: sample.title.to_string(),
            clause: sample.clauses.first().map(ToString::to_string).unwrap_or_default(),
            edition: sample.head.edition.to_string(),
            of: if per_of(sample).is_some() { "cases" } else { "members" },
            per: per_of(sample).map(word),
            draws,
        })
    }

    fn of_period(&self, sample: &Arc<Sample>, per: Period, period: Option<&str>) -> Result<DrawView, ServiceError> {
        let zone = self.company().zone;
        let named = period.and_then(|name| parse_period(per, name));
        let (_, last_on) = period_of(per, named.unwrap_or_else(|| zone.date(self.as_of)));
        let draw = self.drawings().get(&sample.id, last_on).cloned();
        // The edition that decided the draw shows how it was made.
        let sample = draw.as_ref().map_or(sample, |d| &d.sample).clone();
        let mut record = PeriodRecord::new(&sample, last_on, draw.clone());
        self.each_case(&mut |_, id, case| record.see(id, case))?;
        let seed = sample::period_seed(self.window().context().seed, &sample.id, per, last_on);
        let lot = match &draw {
            Some(draw) => draw.lot.clone(),
            None => Lot {
                frame: sorted(record.so_far.clone()),
                seed,
                drawn: Vec::new(),
            },
        };
        let end = zone.end_of(last_on).unwrap_or(Instant::MAX_UTC);
        let owed = |member: &Id| record.owed.iter().find(|(case, ..)| case == member);
        let shown = lot
            .drawn
            .iter()
            .filter(|e| draw.is_none() || record.seen.contains(&e.member));
        let drawn = shown.map(|e| DrawnView {
            member: e.member.to_string(),
            obligation: owed(&e.member).map(|(case, key, _)| key.id(case)),
            done: owed(&e.member).is_some_and(|(.., done)| *done),
        });
        let drawn = drawn.collect();
        let made_by = |e: &Entry| record.made_by.get(&e.member);
        let view = DrawView {
            period: Some(period_name(per, last_on)),
            drawn,
            events: Cited::of(lot.frame.iter().filter_map(made_by)),
            frame: lot.frame.iter().map(|e| entry_view(e, made_by(e))).collect(),
            done: record.done(),
            not_in_frame: record.not_in_frame.iter().map(ToString::to_string).collect(),
            gone: record.gone.iter().map(ToString::to_string).collect(),
            ..draw_view(
                &sample,
                &lot,
                sample.size_for(|_| None),
                draw.is_some(),
                zone.rfc3339(end),
            )
        };
        Ok(match draw.is_none() || record.seen.len() == lot.frame.len() {
            true => view,
            false => seen_only(view, &record),
        })
    }

    fn of_cases(&self, sample: &Arc<Sample>, only: Option<&str>) -> Result<Vec<DrawView>, ServiceError> {
        let zone = self.company().zone;
        let mut draws = Vec::new();
        self.each_case(&mut |_, id, case| {
            let mine = |d: &&CaseDraw| d.sample.id == sample.id && only.is_none_or(|only| only == id);
            for draw in case.draws.iter().filter(mine) {
                let done = drawing::done_for(case, draw);
                let drawn = draw.lot.drawn.iter().map(|e| DrawnView {
                    member: e.member.to_string(),
                    obligation: None,
                    done: done.contains(&e.member),
                });
                draws.push(DrawView {
                    case: Some(id.to_owned()),
                    event: Some(draw.by.event.to_string()),
                    events: Cited::of([&draw.by.event]),
                    drawn: drawn.collect(),
                    done: done.len() as u64,
                    ..draw_view(&draw.sample, &draw.lot, Some(draw.size), true, zone.rfc3339(draw.by.at))
                });
            }
        })?;
        draws.sort_by(|a: &DrawView, b| (&a.case, &a.drawn_at).cmp(&(&b.case, &b.drawn_at)));
        Ok(draws)
    }
}

/// What is left of a draw for whoever may not see all cases of its frame: it cannot be repeated from that.
fn seen_only(view: DrawView, record: &PeriodRecord) -> DrawView {
    let seen = |name: &str| record.seen.contains(name);
    let frame: Vec<EntryView> = view.frame.into_iter().filter(|e| seen(&e.member)).collect();
    DrawView {
        complete: false,
        seed: None,
        frame_hash: None,
        population: frame.len() as u64,
        size: view.drawn.len() as u64,
        spread: Vec::new(),
        frame,
        ..view
    }
}

fn sorted(mut frame: Vec<Entry>) -> Vec<Entry> {
    frame.sort();
    frame
}

fn draw_view(sample: &Sample, lot: &Lot, size: Option<Size>, drawn: bool, drawn_at: String) -> DrawView {
    let population = lot.frame.len() as u64;
    let share = match size {
        Some(Size::Share(share)) => Some(share),
        _ => None,
    };
    let number = match size {
        Some(Size::Number(number)) => Some(number),
        _ => None,
    };
    let strata = sample.strata.as_ref().map(|strata| match strata {
        Strata::Field(field) => field.to_string(),
        Strata::Before(mark) => format!("before {mark}"),
    });
    let spread = drawing::spread(lot)
        .into_iter()
        .map(|(stratum, population, drawn)| SpreadView {
            stratum: stratum.to_string(),
            population,
            drawn,
        });
    DrawView {
        clause: sample.clauses.first().map(ToString::to_string).unwrap_or_default(),
        edition: sample.head.edition.to_string(),
        period: None,
        case: None,
        event: None,
        status: if drawn { "drawn" } else { "accruing" },
        complete: true,
        drawn_at,
        commitment: lot::hex(&lot::commitment(&lot.seed)),
        seed: drawn.then(|| lot::hex(&lot.seed)),
        frame_hash: Some(lot::hex(&lot::frame_hash(&lot.frame))),
        population,
        share: share.map(|s: Fraction| s.to_string()),
        number,
        size: size.map_or(0, |size| size.of(population)),
        strata,
        spread: spread.collect(),
        frame: lot.frame.iter().map(|e| entry_view(e, None)).collect(),
        drawn: Vec::new(),
        done: 0,
        not_in_frame: Vec::new(),
        gone: Vec::new(),
        events: Cited::of([]),
    }
}

fn entry_view(entry: &Entry, event: Option<&Id>) -> EntryView {
    EntryView {
        member: entry.member.to_string(),
        stratum: entry.stratum.to_string(),
        event: event.map(ToString::to_string),
    }
}

fn per_of(sample: &Sample) -> Option<Period> {
    match &sample.frame {
        Frame::Cases { per, .. } => Some(*per),
        Frame::Members { .. } => None,
    }
}

fn word(per: Period) -> &'static str {
    match per {
        Period::Day => "day",
        Period::Month => "month",
        Period::Quarter => "quarter",
        Period::Year => "year",
    }
}
