package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/secretary-api/secretary/core/reception/portuguese"
	"github.com/secretary-api/secretary/core/reception/portuguese/internal/classify"
	"github.com/secretary-api/secretary/core/reception/portuguese/internal/examples"
)

// folds is how many parts the examples are dealt out to: each is judged by what was learned from the others.
const folds = 10

// crossValidate tells how well the classifier alone does on examples that it has not seen.
func crossValidate(out io.Writer, all bool) error {
	list, err := examples.All()
	if err != nil {
		return err
	}
	prepared := examples.Prepared(list)
	in := context()
	var total, sure, together, alarms, calm share
	byLabel := map[string]share{}
	for part := range folds {
		var seen []classify.Example
		for i, e := range prepared {
			if i%folds != part {
				seen = append(seen, e)
			}
		}
		model := classify.Train(seen)
		for i := part; i < len(prepared); i += folds {
			v := model.Classify(prepared[i].Words)
			right := v.Label == prepared[i].Label
			total.count(right)
			s := byLabel[prepared[i].Label]
			s.count(right)
			byLabel[prepared[i].Label] = s
			m := portuguese.UnderstandWith(model, list[i].Text, in)
			want := portuguese.IntentOf(prepared[i].Label)
			together.count(m.Intent == want)
			if want, isEmergency := prepared[i].Label, m.Emergency; want == "emergency" {
				alarms.count(isEmergency)
			} else {
				calm.count(!isEmergency)
			}
			if all && m.Intent != want {
				fmt.Fprintf(out, "%s %.2f\t%s\tshould be %s, %v\n", m.Intent, m.Confidence, list[i].Text, want, v)
			}
			if v.Probability >= 0.6 {
				sure.count(right)
			}
		}
	}
	fmt.Fprintf(out, "rules and classifier, on examples that it has not seen\t%s\n", together)
	fmt.Fprintf(out, "  emergencies seen\t%s\n", alarms)
	fmt.Fprintf(out, "  no alarm where there is none\t%s\n", calm)
	fmt.Fprintf(out, "the classifier alone, on examples it has not seen\t%s\n", total)
	fmt.Fprintf(out, "  where it gives 0.6 or more\t%s\n", sure)
	for _, label := range slices.Sorted(maps.Keys(byLabel)) {
		fmt.Fprintf(out, "  %s\t%s\n", label, byLabel[label])
	}
	return nil
}
