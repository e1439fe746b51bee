// Command server is an HTTP server that sheds load: two kinds of requests, one pool for each.
//
//	go run ./examples/server -listen localhost:8080
//	curl -i localhost:8080/quick; curl -i localhost:8080/slow; curl localhost:8080/status
//
// Ask for /slow more than six times at once, and some wait in line for up to two seconds, others get a 503 that says
// when to come back.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"heijunka"
	"heijunka/httplevel"
)

const config = `
[pools.quick]
initial_workers = 20

[pools.slow]
initial_workers = 2
max_workers = 6
max_waiting = 10

[domains.slow]
spill = [] # not to the quick ones
`

func main() {
	listen := flag.String("listen", "localhost:8080", "where to listen")
	flag.Parse()
	leveler, err := heijunka.NewLeveler(config, heijunka.LevelerOptions{
		MaxWait: 2 * time.Second,
		OnEffect: func(effect heijunka.Effect) {
			log.Println(effect.Kind, effect.Reason, effect.Count)
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer leveler.Close()
	handler, err := routes(leveler)
	if err != nil {
		log.Fatal(err)
	}

	server := &http.Server{Addr: *listen, Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() {
		<-interrupted.Done()
		patience, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(patience)
	}()
	log.Printf("listening on http://%s", *listen)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Print(err)
	}
}

// routes are the server's pages.
func routes(leveler *heijunka.Leveler) (http.Handler, error) {
	pages := http.NewServeMux()
	for name, takes := range map[string]time.Duration{"quick": 5 * time.Millisecond, "slow": 500 * time.Millisecond} {
		domain, err := leveler.Engine().DomainID(name) // a pool has a domain of its own
		if err != nil {
			return nil, err
		}
		level := httplevel.Middleware(leveler, domain, httplevel.Options{
			Key: func(r *http.Request) string { return r.Header.Get("X-Customer") },
		})
		pages.Handle("GET /"+name, level(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(takes)
			fmt.Fprintln(w, name)
		})))
	}
	pages.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		status := map[string]heijunka.PoolStatus{}
		for id, name := range leveler.Engine().Pools() {
			pool, err := leveler.Engine().PoolStatus(heijunka.PoolID(id))
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			status[name] = pool
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(status)
	})
	return pages, nil
}
