// Notes what a client asks, so that a check can tell how the library did it.

package main

import (
	"net/http"
	"strings"
	"sync"

	"k8s.io/client-go/rest"
)

// exchange is one request and the status it was answered with.
type exchange struct {
	path, query, accept string
	status              int
}

// recorder notes the requests of a client, so that a check can tell how the library asked.
type recorder struct {
	mutex     sync.Mutex
	exchanges []exchange
	next      http.RoundTripper
}

// recordRequests puts a recorder behind a configuration; clients made from it afterwards are recorded.
func recordRequests(config *rest.Config) *recorder {
	recorded := &recorder{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		recorded.next = next
		return recorded
	})
	return recorded
}

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(request)
	noted := exchange{path: request.URL.Path, query: request.URL.RawQuery, accept: request.Header.Get("Accept")}
	if err == nil {
		noted.status = response.StatusCode
	}
	r.mutex.Lock()
	r.exchanges = append(r.exchanges, noted)
	r.mutex.Unlock()
	return response, err
}

// pick returns a field of every exchange about a resource or, when that is empty, of all.
func (r *recorder) pick(resource string, field func(exchange) string) []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	var found []string
	for _, each := range r.exchanges {
		if resource == "" || strings.Contains(each.path+"/", "/"+resource+"/") {
			found = append(found, field(each))
		}
	}
	return found
}

func (r *recorder) total() int {
	return len(r.pick("", func(each exchange) string { return each.path }))
}

func (r *recorder) queries(resource string) []string {
	return r.pick(resource, func(each exchange) string { return each.query })
}

func (r *recorder) accepts(resource string) []string {
	return r.pick(resource, func(each exchange) string { return each.accept })
}

// count says how many requests to a resource had a word in their query.
func (r *recorder) count(resource, word string) int {
	found := 0
	for _, query := range r.queries(resource) {
		if strings.Contains(query, word) {
			found++
		}
	}
	return found
}

// statuses says how many requests were answered with a status.
func (r *recorder) statuses(status int) int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	found := 0
	for _, each := range r.exchanges {
		if each.status == status {
			found++
		}
	}
	return found
}
