//! Recognising kinds again after the bundle, the segments or the pool changed.

use ndarray::ArrayView2;

use crate::domain::kinds::Letter;

/// Least Spearman's ρ of two views that may be the same kind.
const LEAST_LIKENESS: f32 = 0.5;

/// For each new view the old one it continues: the best assignment of one to one, never below
/// [`LEAST_LIKENESS`]. Views as [`super::views`] gives them, of the same segments.
pub fn match_views(old: ArrayView2<'_, f32>, new: ArrayView2<'_, f32>) -> Vec<Option<usize>> {
    // Both are few: every set of old ones that are taken is tried. Beyond that many, the first ones
    // stand for all.
    let count = old.nrows().min(12);
    let likeness = new.dot(&old.t());
    let mut best: Vec<Option<(f32, Vec<Option<usize>>)>> = vec![None; 1 << count];
    best[0] = Some((0.0, Vec::new()));
    for row in likeness.outer_iter() {
        let mut next: Vec<Option<(f32, Vec<Option<usize>>)>> = vec![None; 1 << count];
        for (taken, state) in best.iter().enumerate() {
            let Some((sum, matched)) = state else {
                continue;
            };
            let free = (0..count).filter(|&at| taken & (1 << at) == 0 && row[at] >= LEAST_LIKENESS);
            for choice in std::iter::once(None).chain(free.map(Some)) {
                let sum = sum + choice.map_or(0.0, |at| row[at]);
                let slot = &mut next[choice.map_or(taken, |at| taken | 1 << at)];
                if slot.as_ref().is_none_or(|(least, _)| sum > *least) {
                    let mut matched = matched.clone();
                    matched.push(choice);
                    *slot = Some((sum, matched));
                }
            }
        }
        best = next;
    }
    best.into_iter()
        .flatten()
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, matched)| matched)
        .unwrap_or_default()
}

/// Letters of new kinds, the largest first: that of the known kind each one continues, else one
/// that was never used.
pub fn letters_of(
    known: &[Letter],
    known_views: ArrayView2<'_, f32>,
    new_views: ArrayView2<'_, f32>,
) -> Vec<Letter> {
    let matched = match_views(known_views, new_views);
    let mut used = known.to_vec();
    let mut shown: Vec<Letter> = matched.iter().flatten().map(|&at| known[at]).collect();
    matched
        .iter()
        .map(|continued| match continued {
            Some(at) => known[*at],
            None => {
                let letter = Letter::unused(&used, &shown);
                used.push(letter);
                shown.push(letter);
                letter
            }
        })
        .collect()
}

/// The same kinds in a row of letters without gaps: a letter beyond their number gives way to one
/// that is free before it, and all others stay.
pub fn without_gaps(letters: &[Letter]) -> Vec<Letter> {
    let fits = |letter: &Letter| usize::from(letter.0) < letters.len();
    let mut free = (0..=u8::MAX)
        .map(Letter)
        .filter(|letter| !letters.contains(letter));
    (letters.iter())
        .map(|&letter| match fits(&letter) {
            true => letter,
            false => free.next().unwrap_or(letter),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::views;
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn kinds_are_recognised_one_to_one_by_the_best_sum() {
        let old = views(array![[3.0f32, 2.0, 1.0, 0.0], [3.0, 1.0, 2.0, 0.0]].view());
        // Both are likest to the first old one; together they fit best crosswise.
        let new = views(
            array![
                [3.0f32, 2.0, 1.0, 0.5],
                [3.0, 2.0, 1.9, 0.0],
                [0.0, 1.0, 2.0, 3.0]
            ]
            .view(),
        );
        let matched = match_views(old.view(), new.view());
        assert_eq!(matched[2], None, "a kind turned round is another kind");
        let mut taken: Vec<usize> = matched.iter().flatten().copied().collect();
        taken.sort_unstable();
        assert_eq!(taken, [0, 1]);
        let none = Array2::zeros((0, 4));
        assert_eq!(match_views(none.view(), new.view()), [None; 3]);
        assert!(match_views(old.view(), none.view()).is_empty());
    }

    #[test]
    fn a_new_kind_gets_a_new_letter_and_the_others_keep_theirs() {
        let known = [Letter(0), Letter(1)];
        let old = views(array![[3.0f32, 2.0, 1.0, 0.0], [0.0, 1.0, 2.0, 3.0]].view());
        let new = views(array![[1.0f32, 3.0, 3.0, 1.0], [0.0, 1.0, 2.0, 3.0]].view());
        let letters = letters_of(&known, old.view(), new.view());
        assert_eq!(letters, [Letter(2), Letter(1)]);
        let none = Array2::zeros((0, 4));
        assert_eq!(
            letters_of(&[], none.view(), new.view()),
            [Letter(0), Letter(1)]
        );
    }
    #[test]
    fn a_row_of_letters_is_closed_with_as_few_changes_as_can_be() {
        let of = |numbers: &[u8]| numbers.iter().map(|&n| Letter(n)).collect::<Vec<_>>();
        assert_eq!(without_gaps(&of(&[0, 1, 2, 3, 5])), of(&[0, 1, 2, 3, 4]));
        assert_eq!(without_gaps(&of(&[6, 3, 0, 4])), of(&[1, 3, 0, 2]));
        assert_eq!(without_gaps(&of(&[1, 0])), of(&[1, 0]));
        assert!(without_gaps(&[]).is_empty());
    }
}
