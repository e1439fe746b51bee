package vectors

import (
	"errors"
	"fmt"
	"math"

	"heijunka"
)

func (f *face) renewPacer(config any, startUs uint64) error {
	config, err := given(config)
	if err != nil {
		return err
	}
	pacer, err := heijunka.NewPacer(config, startUs)
	if err != nil {
		return err
	}
	if f.pacer != nil {
		f.pacer.Close()
	}
	f.pacer = pacer
	return nil
}

func sequence(counts any) (map[string]any, error) {
	items, _ := counts.([]any)
	numbers := []uint32{}
	for _, item := range items {
		number, _ := integer(item, math.MaxUint32)
		numbers = append(numbers, uint32(number))
	}
	made, err := heijunka.Sequence(numbers)
	order := []any{}
	for _, product := range made {
		order = append(order, whole(product))
	}
	return map[string]any{"order": order}, err
}

// pace makes the calls of a pacer.
func (f *face) pace(op string, nowUs uint64, args map[string]any) (map[string]any, error) {
	if op == "pacer_new" {
		return nil, f.renewPacer(args["config"], nowUs)
	}
	pacer := f.pacer
	if pacer == nil {
		return nil, errors.New("there is no pacer yet")
	}
	domain := heijunka.NoDomain
	if value, found := args["domain"]; found {
		var err error
		if domain, err = named(value, pacer.DomainID); err != nil {
			return nil, err
		}
	}
	number := func(name string) uint64 {
		found, _ := args[name].(uint64)
		return found
	}
	switch op {
	case "pacer_offer":
		answer, err := pacer.Offer(nowUs, domain, number("item"))
		return map[string]any{
			"accepted": answer.Accepted, "reason": answer.Reason.String(), "limit": whole(answer.Limit),
			"load": whole(answer.Load), "retry_after_us": whole(answer.RetryAfterUs),
		}, err
	case "pacer_poll":
		var releases []heijunka.Release
		var err error
		if most, limited := args["max_items"]; limited {
			count, _ := integer(most, math.MaxUint32)
			releases, err = pacer.PollAtMost(nowUs, uint32(count))
		} else {
			releases, err = pacer.Poll(nowUs)
		}
		if err != nil {
			return nil, err
		}
		released := []any{}
		for _, release := range releases {
			released = append(released, map[string]any{
				"domain": pacer.DomainName(release.Domain), "item": whole(release.Item), "due_us": whole(release.DueUs),
			})
		}
		nextUs, _, err := pacer.NextDeadline()
		return map[string]any{"released": released, "next_deadline_us": some(nextUs)}, err
	case "pacer_set_takt":
		return nil, pacer.SetTakt(nowUs, number("available_us"), number("demand"))
	case "pacer_set_weight":
		weight, _ := integer(args["weight"], math.MaxUint32)
		return nil, pacer.SetWeight(nowUs, domain, uint32(weight))
	case "pacer_status":
		return status(pacer.Status())
	default:
		return nil, fmt.Errorf("`%s` can't be run", op)
	}
}
