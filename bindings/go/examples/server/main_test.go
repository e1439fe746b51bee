package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"heijunka"
)

func TestPages(t *testing.T) {
	leveler, err := heijunka.NewLeveler(config, heijunka.LevelerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer leveler.Close()
	handler, err := routes(leveler)
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) *httptest.ResponseRecorder {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		return recorder
	}
	if page := get("/quick"); page.Code != http.StatusOK || page.Body.String() != "quick\n" {
		t.Error(page.Code, page.Body)
	}
	// Two are served at once; nobody waits, as there is no deadline and no MaxWait.
	codes := make(chan int)
	for range 8 {
		go func() { codes <- get("/slow").Code }()
	}
	counts := map[int]int{}
	for range 8 {
		counts[<-codes]++
	}
	served, refused := counts[http.StatusOK], counts[http.StatusServiceUnavailable]
	if served < 2 || refused < 1 || served+refused != 8 {
		t.Error(counts)
	}
	var status map[string]heijunka.PoolStatus
	if err := json.Unmarshal(get("/status").Body.Bytes(), &status); err != nil || status["slow"].TotalRequests != uint64(served) {
		t.Error(err, status)
	}
}
