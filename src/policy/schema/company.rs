//! `company.toml`.

use super::calendar::{MAKE_UP, SPAN};
use super::tables::ROLE;
use super::{HOURS, Shape, Value, WEEKDAYS, key};

/// The whole file.
pub static ROOT: Shape = Shape {
    name: "company-file",
    zh: "公司、片区和人：policies/公司/company.toml",
    en: "A company, its areas and its people: policies/COMPANY/company.toml",
    groups: &[&[
        key!("company", Value::Table(&COMPANY), "公司", "The company", needed),
        key!(
            "area",
            Value::Map(&Value::Table(&AREA)),
            "片区：[area.编号]",
            "Areas: [area.ID]"
        ),
        key!(
            "person",
            Value::Map(&Value::Table(&PERSON)),
            "人：[person.编号]",
            "People: [person.ID]"
        ),
        key!(
            "role",
            Value::Map(&Value::Table(&ROLE)),
            "角色：[role.编号]；也可以写在规程文件里",
            "Roles: [role.ID]; they may stand in procedures as well"
        ),
    ]],
};

static COMPANY: Shape = Shape {
    name: "company",
    zh: "公司",
    en: "A company",
    groups: &[&[
        key!(
            "id",
            Value::Text,
            "编号，与文件夹同名",
            "Its id: the name of its folder",
            needed,
            like & ["\"fuheng\""]
        ),
        key!("title", Value::Text, "名称", "Its name", needed),
        key!(
            "zone",
            Value::Text,
            "时区，一天的起止按它",
            "Its IANA time zone: days begin and end by it",
            needed,
            like & ["\"Asia/Shanghai\""]
        ),
        key!(
            "calendar",
            Value::Text,
            "日历：policies/calendars/cn.toml 写 \"cn\"",
            "The calendar that it follows: the stem of a file in policies/calendars",
            needed,
            like & ["\"cn\""]
        ),
        key!(
            "phone",
            Value::Text,
            "电话，文书里写 {company.phone}",
            "Its telephone, {company.phone} in texts that go out"
        ),
        key!(
            "text",
            Value::Map(&Value::Text),
            "文书里要用的其他文字，如 {company.signature}",
            "Further texts of the company, such as {company.signature}"
        ),
        key!(
            "weekdays",
            WEEKDAYS,
            "本公司的工作日；不写照日历的",
            "Its own working days; else the calendar's",
            like & ["[\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\"]"]
        ),
        key!(
            "hours",
            HOURS,
            "工作时间；不写照日历的",
            "Open time on working days; else the calendar's",
            like & ["[[\"09:00\", \"12:00\"], [\"13:30\", \"18:00\"]]"]
        ),
        key!(
            "rest_hours",
            HOURS,
            "休息日的工作时间",
            "Open time on rest days",
            like & ["[[\"10:00\", \"16:00\"]]"]
        ),
        key!(
            "closed",
            Value::List(&Value::Table(&SPAN)),
            "另外停业的日子",
            "Further days off"
        ),
        key!(
            "extra_workdays",
            Value::List(&Value::OneOf(&[Value::Date, Value::Table(&MAKE_UP)])),
            "另外上班的日子",
            "Further days that are worked"
        ),
    ]],
};

static AREA: Shape = Shape {
    name: "area",
    zh: "片区",
    en: "An area",
    groups: &[&[
        key!("title", Value::Text, "名称", "Its name", needed),
        key!(
            "buildings",
            Value::Texts,
            "片区里的楼宇，与案件里的 building 写法一致",
            "Its buildings, as cases name them",
            needed,
            like & ["[\"1\", \"2\"]"]
        ),
    ]],
};

static PERSON: Shape = Shape {
    name: "person",
    zh: "人",
    en: "A person",
    groups: &[&[
        key!("name", Value::Text, "姓名", "The name", needed),
        key!(
            "holds",
            Value::List(&Value::Table(&HOLD)),
            "担任的角色",
            "The roles held",
            like & ["[{ \"role\": \"manager\" }]"]
        ),
    ]],
};

static HOLD: Shape = Shape {
    name: "hold",
    zh: "担任的一个角色",
    en: "A role that is held",
    groups: &[&[
        key!("role", Value::Text, "角色", "The role", needed),
        key!(
            "of",
            Value::Texts,
            "哪些片区或部门；不写为全部",
            "For which areas or departments; all, where left out"
        ),
    ]],
};
