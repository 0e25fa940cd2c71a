//! Fits the columns of a table to the width of a terminal.
//!
//! In this order: short forms, then shorter texts, then fewer columns. What names an item is never cut off.

/// How long a column stays when a terminal is too narrow for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Importance {
    /// Dropped first.
    Minor,
    /// Dropped after the minor ones.
    #[default]
    Main,
    /// Never dropped.
    Kept,
    /// Never dropped and never cut off: the name, address or id for other commands.
    Key,
}

/// A column with the widths that its texts need.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    /// The width of the whole texts, header included.
    pub(super) full: usize,
    /// The width of the short forms, header included.
    pub(super) short: usize,
    /// Minimum width of texts that are cut off; `None` if they never are.
    pub(super) least: Option<usize>,
    /// How long it stays.
    pub(super) importance: Importance,
}

/// How a column is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fitted {
    /// Whether to print the short forms.
    pub(super) short: bool,
    /// Its width.
    pub(super) width: usize,
}

/// A text that is cut off keeps this many columns as long as there is a column to drop.
const READABLE: usize = 20;

/// Decides how to print each column; `None` drops it. Without room even so, the table stays too wide.
pub(super) fn fit(columns: &[Measured], gap: usize, available: usize) -> Vec<Option<Fitted>> {
    // The rightmost of the least important goes first, the first column never.
    let mut order: Vec<usize> = (1..columns.len()).rev().collect();
    order.sort_by_key(|index| columns[*index].importance);
    let droppable = order.iter().filter(|index| columns[**index].importance < Importance::Kept).count();
    order.push(0);
    order.truncate(columns.len());
    for dropped in 0..=droppable {
        let (gone, stay) = order.split_at(dropped);
        // Longer texts are better than long forms of other columns, so those give way first.
        for short in 0..=stay.len() {
            let mut fitted: Vec<Option<Fitted>> = columns.iter().map(|column| Some(column.fitted(false))).collect();
            for index in gone {
                fitted[*index] = None;
            }
            for index in &stay[..short] {
                fitted[*index] = Some(columns[*index].fitted(true));
            }
            let is_last = short == stay.len();
            if is_last {
                let floor = if dropped == droppable { 0 } else { READABLE };
                shrink(&mut fitted, columns, gap, available, floor);
            }
            if width(&fitted, gap) <= available || (is_last && dropped == droppable) {
                return fitted;
            }
        }
    }
    Vec::new()
}

impl Measured {
    fn fitted(&self, short: bool) -> Fitted {
        let short = short && self.short < self.full;
        Fitted { short, width: if short { self.short } else { self.full } }
    }
}

/// Takes columns from the widest texts, one by one, until the table fits or none can shrink further.
fn shrink(fitted: &mut [Option<Fitted>], columns: &[Measured], gap: usize, available: usize, floor: usize) {
    for (fitted, column) in fitted.iter_mut().zip(columns) {
        if let (Some(fitted), Some(least)) = (fitted, column.least) {
            fitted.width = fitted.width.min(available.max(least));
        }
    }
    while width(fitted, gap) > available {
        let widest = fitted.iter_mut().zip(columns).filter_map(|(fitted, column)| {
            let fitted = fitted.as_mut()?;
            (fitted.width > column.least?.max(floor)).then_some(fitted)
        });
        let Some(widest) = widest.max_by_key(|fitted| fitted.width) else { return };
        widest.width -= 1;
    }
}

/// The width of the table.
fn width(fitted: &[Option<Fitted>], gap: usize) -> usize {
    let widths = fitted.iter().flatten().map(|fitted| fitted.width);
    widths.clone().sum::<usize>() + gap * widths.count().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns of `stacks list`: name, environment, status, health, cloud, last activity, UID.
    const STACKS: [Measured; 7] = [
        column(15, 15, None, Importance::Key),
        column(11, 11, Some(11), Importance::Main),
        column(21, 8, None, Importance::Main),
        column(8, 8, None, Importance::Main),
        column(12, 12, Some(6), Importance::Minor),
        column(13, 8, None, Importance::Minor),
        column(32, 8, None, Importance::Minor),
    ];

    const fn column(full: usize, short: usize, least: Option<usize>, importance: Importance) -> Measured {
        Measured { full, short, least, importance }
    }

    /// The widths of the columns, 0 for one that is dropped.
    fn widths(columns: &[Measured], available: usize) -> Vec<usize> {
        fit(columns, 2, available).iter().map(|fitted| fitted.map_or(0, |fitted| fitted.width)).collect()
    }

    #[test]
    fn short_forms_come_before_dropped_columns_and_the_key_stays() {
        assert_eq!(widths(&STACKS, 200), [15, 11, 21, 8, 12, 13, 32]);
        assert_eq!(widths(&STACKS, 110), [15, 11, 21, 8, 12, 13, 8]);
        assert_eq!(widths(&STACKS, 90), [15, 11, 8, 8, 12, 8, 8]);
        assert_eq!(widths(&STACKS, 80), [15, 11, 8, 8, 12, 8, 0]);
        assert_eq!(widths(&STACKS, 61), [15, 11, 21, 8, 0, 0, 0]);
        assert_eq!(widths(&STACKS, 60), [15, 11, 8, 8, 0, 0, 0]);
        assert_eq!(widths(&STACKS, 50), [15, 11, 8, 8, 0, 0, 0]);
        assert_eq!(widths(&STACKS, 10), [15, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn texts_stay_readable_while_a_column_can_be_dropped() {
        let columns = [
            column(10, 10, None, Importance::Key),
            column(90, 90, Some(6), Importance::Main),
            column(8, 8, None, Importance::Minor),
        ];
        assert_eq!(widths(&columns, 80), [10, 58, 8]);
        assert_eq!(widths(&columns, 40), [10, 28, 0]);
        assert_eq!(widths(&columns, 30), [10, 0, 0]);
    }

    #[test]
    fn columns_that_the_user_named_all_stay() {
        let named = |full| column(full, full, Some(6), Importance::Kept);
        assert_eq!(widths(&[named(50), named(50), named(5)], 60), [26, 25, 5]);
        assert_eq!(widths(&[named(50), named(50), named(5)], 12), [6, 6, 5]);
        assert_eq!(widths(&[], 12), [0_usize; 0]);
    }
}
