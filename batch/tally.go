package batch

import "slices"

// tally sums up what was found, row by row.
type tally struct {
	sum      Summary
	inEuro   bool
	amounts  int
	exact    int
	firstOf  map[uint64]int32 // the first row with a content
	doubling map[rune]int
}

func newTally(layout Layout, size int64) *tally {
	// A map that grows moves all that it holds, so it is made for as many rows as a file of that size may well have.
	const bytesOfARow = 100

	return &tally{
		inEuro:   layout.Column(FieldAmountEuro) >= 0,
		firstOf:  make(map[uint64]int32, min(size/bytesOfARow, MaxRows)),
		doubling: map[rune]int{},
	}
}

func (t *tally) add(s *slot) {
	counts := &t.sum.Counts
	counts.Rows++

	if len(s.Repairs) > 0 {
		counts.Repaired++
	}

	if s.priced {
		t.amounts++
	}

	if s.exact {
		t.exact++
	}

	if len(s.Issues) > 0 {
		counts.Bad++

		if slices.ContainsFunc(s.Issues, func(i Issue) bool { return i.Code == issueDateMonthFirst }) {
			t.sum.Counts.MonthFirst++
		}

		return
	}

	if first, found := t.firstOf[s.content]; found {
		s.DuplicateOf = int(first)
		counts.Duplicates++

		return
	}

	t.firstOf[s.content] = int32(s.Number) //nolint:gosec // 50 MiB have fewer lines, and a sheet fewer rows
	t.addGood(s)
}

func (t *tally) addGood(s *slot) {
	counts := &t.sum.Counts
	counts.Good++

	if s.Recipient.Phone != "" {
		counts.WithPhone++
	}

	counts.SMSParts += s.SMSParts

	if s.Doubling != 0 {
		counts.Doubled++
		t.doubling[s.Doubling]++
	}
}

func (t *tally) summary() (Summary, error) {
	if t.sum.Counts.Rows == 0 {
		return Summary{}, problem(problemNoRows)
	}

	t.sum.Counts.WholeAmounts = t.inEuro && t.amounts > 0 && t.exact == 0

	most := 0

	for character, count := range t.doubling {
		// The smaller one of two that are as frequent, so that the same file always gives the same answer.
		if count > most || (count == most && string(character) < t.sum.Counts.Doubling) {
			most, t.sum.Counts.Doubling = count, string(character)
		}
	}

	return t.sum, nil
}
