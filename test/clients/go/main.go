// The Go clients against a cluster: client-go and controller-runtime as operators use them.
// Prints `ok - NAME` or `not ok - NAME: WHY` for each check; KUBECONFIG says where the cluster is,
// KUBECONFIG_FAST where one is whose clock runs thirty times as fast.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
)

// patience is how long a check waits for what the cluster does by itself.
const patience = 20 * time.Second

// env is what a check gets: a namespace of its own and the ways to the server.
type env struct {
	ctx       context.Context
	config    *rest.Config
	client    kubernetes.Interface
	namespace string
}

type check struct {
	name string
	run  func(*env) error
}

func main() {
	// Libraries log lost connections and the like: what matters here comes back as an error.
	klog.SetLogger(logr.Discard())
	ctrl.SetLogger(logr.Discard())
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	// Without these a client holds itself back to 5 requests a second.
	config.QPS, config.Burst = 500, 1000
	checks := append(append([]check{}, clientGoChecks...), controllerRuntimeChecks...)
	if runAll(config, checks) > 0 {
		os.Exit(1)
	}
}

// runAll runs four checks at a time, each in a namespace of its own, and prints them in their order.
func runAll(config *rest.Config, checks []check) int {
	results := make([]error, len(checks))
	slots := make(chan struct{}, 4)
	var group sync.WaitGroup
	for index, each := range checks {
		group.Add(1)
		go func() {
			defer group.Done()
			slots <- struct{}{}
			defer func() { <-slots }()
			results[index] = runOne(config, fmt.Sprintf("go-%d", index), each)
		}()
	}
	group.Wait()
	failed := 0
	for index, each := range checks {
		if results[index] == nil {
			fmt.Printf("ok - %s\n", each.name)
			continue
		}
		failed++
		fmt.Printf("not ok - %s: %s\n", each.name, strings.ReplaceAll(results[index].Error(), "\n", " "))
	}
	return failed
}

func runOne(config *rest.Config, namespace string, each check) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	defer cancel()
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic: %v", reason)
		}
	}()
	e, err := newEnv(ctx, config, namespace)
	if err != nil {
		return err
	}
	return each.run(e)
}

func newEnv(ctx context.Context, config *rest.Config, namespace string) (*env, error) {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	wanted := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if _, err := client.CoreV1().Namespaces().Create(ctx, wanted, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	return &env{ctx: ctx, config: rest.CopyConfig(config), client: client, namespace: namespace}, nil
}

// fastCluster is the same environment on the cluster whose clock is fast: its history is short.
func (e *env) fastCluster() (*env, error) {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG_FAST"))
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = e.config.QPS, e.config.Burst
	return newEnv(e.ctx, config, e.namespace)
}

// until waits for a condition; what it last said is in the error.
func until(ctx context.Context, what string, condition func() (bool, error)) error {
	err := wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, patience, true, func(context.Context) (bool, error) { return condition() })
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// want is an error when the two differ.
func want[T comparable](what string, expected, got T) error {
	if expected != got {
		return fmt.Errorf("%s is %v, not %v", what, got, expected)
	}
	return nil
}

func configMap(name string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": "check"}}, Data: data}
}
