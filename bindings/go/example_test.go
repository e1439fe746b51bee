package heijunka_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"time"

	"heijunka"
)

func Example() {
	engine, err := heijunka.New(nil, 0) // the default system: pools payment, delivery and notification
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	delivery, err := engine.DomainID("delivery") // once
	if err != nil {
		log.Fatal(err)
	}

	// Admit, route and check out, at 1,000 µs.
	dispatch, err := engine.Dispatch(1_000, delivery, "customer-7", heijunka.ClassDefault, 0)
	switch {
	case err != nil:
		log.Fatal(err)
	case dispatch.Dispatched:
		fmt.Printf("pool %s serves it\n", engine.PoolName(dispatch.Pool))
	default:
		fmt.Printf("refused: %v; retry in %v\n", dispatch.Reason, dispatch.RetryAfter())
	}
	if _, err := engine.Complete(26_000, dispatch.Ticket, heijunka.OutcomeOK); err != nil {
		log.Fatal(err)
	}

	effects, err := engine.Step(600_000_000) // timers that are due: what to do now
	if err != nil {
		log.Fatal(err)
	}
	for _, effect := range effects {
		fmt.Println(effect.Kind, engine.PoolName(effect.Pool), effect.Reason)
	}
	// Output:
	// pool delivery serves it
	// RemoveWorkers payment planned_down
	// RemoveWorkers delivery planned_down
	// RemoveWorkers notification planned_down
	// CheckHealth payment periodic
	// CheckHealth delivery periodic
	// CheckHealth notification periodic
}

// A configuration is text, a map or a struct.
func ExampleNew() {
	type pool struct {
		InitialWorkers int `json:"initial_workers"`
		MaxWaiting     int `json:"max_waiting"`
	}
	engine, err := heijunka.New(map[string]any{"pools": map[string]pool{"resize": {4, 100}, "encode": {2, 20}}}, 0)
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	fmt.Println(engine.Pools())

	_, err = heijunka.New("[regulator]\nhard_limt = 10", 0)
	fmt.Println(errors.Is(err, heijunka.ErrInvalidConfig))
	fmt.Println(err)
	// Output:
	// [encode resize]
	// true
	// heijunka: regulator.hard_limt: unknown field; did you mean `hard_limit`?
}

// A refusal is an answer.
func ExampleEngine_Admit() {
	engine, err := heijunka.New(`{"regulator": {"soft_limit": 1, "hard_limit": 2, "reserved_capacity": 0.5}}`, 0)
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	delivery, err := engine.DomainID("delivery")
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		answer, err := engine.Admit(1_000, delivery, heijunka.ClassDefault)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(answer.Admitted, answer.Reason, answer.Load, "of", answer.Limit)
	}
	// Output:
	// true accepted 1 of 1
	// false reserved 1 of 1
}

// Misuse is an error.
func ExampleError() {
	engine, err := heijunka.New(nil, 0)
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	err = engine.Release(0, 7, heijunka.OutcomeOK)
	fmt.Println(errors.Is(err, heijunka.ErrUnknownToken))
	var misuse *heijunka.Error
	if errors.As(err, &misuse) {
		fmt.Println(misuse.Code, misuse.Name)
	}
	// Output:
	// true
	// -4 unknown_token
}

func ExampleSimulate() {
	outcome, err := heijunka.Simulate(nil, map[string]any{
		"requests": []map[string]any{
			{"arrival_us": 0, "domain": "payment", "service_us": 25_000},
			{"arrival_us": 1_000, "domain": "payment", "service_us": 25_000},
		},
	}, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(json.Valid(outcome))
	// Output: true
}

// A leveler runs functions when they may run.
func ExampleLeveler_Do() {
	leveler, err := heijunka.NewLeveler(`
		[pools.resize]
		initial_workers = 2
		max_waiting = 100
	`, heijunka.LevelerOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer leveler.Close()
	resize, err := leveler.Engine().DomainID("resize") // a pool has a domain of its own
	if err != nil {
		log.Fatal(err)
	}

	// Who finds both workers busy waits in line, until the context's deadline.
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err = leveler.Do(ctx, resize, "customer-7", func(context.Context) error {
		fmt.Println("resizing")
		return nil
	})
	var overload *heijunka.Overload
	if errors.As(err, &overload) {
		fmt.Println("refused:", overload.Reason, overload.RetryAfter)
	}
	// Output: resizing
}
