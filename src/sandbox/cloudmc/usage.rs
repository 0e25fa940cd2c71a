//! The usage summary: made-up amounts, always the same.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::State;
use super::call::Call;
use super::objects::text;
use super::reply::{ApiError, ApiResult, Payload, data};
use crate::sandbox::clock::iso_with_millis;
use crate::sandbox::pseudorandom;

/// The usage of a connection: usage type, secondary type, amount per hour, and price per unit.
const USED: [(&str, &str, f64, f64); 2] = [("1", "RAM", 5.5, 0.12), ("2", "CPU", 6.0, 0.25)];
/// The longest period, in hours.
const MAX_HOURS: i64 = 366 * 24;

/// `GET /usage_summary/organizations/:id`
pub(super) fn answer(state: &State, call: &Call, rest: &[&str]) -> ApiResult {
    let [id] = rest else { return Err(call.endpoint_not_found()) };
    if call.method() != "GET" {
        return Err(call.method_not_allowed());
    }
    let organization = state.get("organizations", id, "Organization")?;
    let (start, end) = (day(call, "start_date")?, day(call, "end_date")?);
    let hours = end.duration_since(start).as_hours();
    if !(1..=MAX_HOURS).contains(&hours) {
        return Err(ApiError::bad_field("end_date", "must be after start_date, by a year at most"));
    }
    let step = match call.query("period").unwrap_or("HOUR") {
        "HOUR" => 1,
        "DAY" => 24,
        "PERIOD" => hours,
        _ => return Err(ApiError::bad_field("period", "must be HOUR, DAY or PERIOD")),
    };
    let mut organizations = vec![organization];
    if call.flag("include_sub_orgs") {
        let all = state.collection("organizations").iter();
        organizations.extend(all.filter(|other| other["parent"]["id"] == organization["id"]));
    }
    let with_cost = call.query("include_cost").is_none_or(|value| value == "true");
    let mut rows = Vec::new();
    for organization in organizations {
        for connection in organization["serviceConnections"].as_array().into_iter().flatten() {
            let connection = text(connection, "id");
            if call.query("service_connection_id").is_some_and(|wanted| wanted != connection) {
                continue;
            }
            for used in USED {
                let mut hour = 0;
                while hour < hours {
                    let (from, to) = (after(start, hour), after(start, (hour + step).min(hours)));
                    rows.push(row(text(organization, "id"), connection, used, from, to, with_cost));
                    hour += step;
                }
            }
        }
    }
    let as_csv = call.query("format").map_or(call.request.accept.contains("text/csv"), |format| format == "csv");
    Ok(if as_csv { Payload::Csv(csv(&rows)) } else { data(rows.into()) })
}

fn row(
    organization: &str,
    connection: &str,
    (kind, what, amount, price): (&str, &str, f64, f64),
    from: Timestamp,
    to: Timestamp,
    with_cost: bool,
) -> Value {
    let amount = amount * to.duration_since(from).as_secs_f64() / 3600.0;
    let pricing = pseudorandom::hex(&format!("pricing {connection}"), 8);
    let mut row = json!({
        "organizationId": organization,
        "serviceConnectionId": connection,
        "serviceConnectionPricingId": format!("{pricing}-3ecd-4705-a250-ca5920757b46"),
        "utilityCost": (amount * price * 100.0).round() / 100.0,
        "utilityUsage": amount,
        "startDate": iso_with_millis(from),
        "endDate": iso_with_millis(to),
        "usageType": kind,
        "secondaryType": what,
    });
    if !with_cost && let Some(row) = row.as_object_mut() {
        row.shift_remove("utilityCost");
    }
    row
}

/// The rows as CSV; no value needs quotes.
fn csv(rows: &[Value]) -> String {
    const COLUMNS: [&str; 7] =
        ["organizationId", "serviceConnectionId", "usageType", "secondaryType", "utilityUsage", "startDate", "endDate"];
    let mut table = COLUMNS.join(",");
    for row in rows {
        let cell = |column| row[column].as_str().map_or_else(|| row[column].to_string(), str::to_owned);
        table.push('\n');
        table.push_str(&COLUMNS.map(cell).join(","));
    }
    table.push('\n');
    table
}

fn day(call: &Call, name: &str) -> Result<Timestamp, ApiError> {
    let day = call.query(name).ok_or_else(|| ApiError::bad_field(name, "is required"))?;
    let date: Option<Date> = day.parse().ok();
    let moment = date.and_then(|_| format!("{day}T00:00:00Z").parse().ok());
    moment.ok_or_else(|| ApiError::bad_field(name, "must be a date such as 2026-11-01"))
}

fn after(start: Timestamp, hours: i64) -> Timestamp {
    start.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(start)
}
