// The tests of an operator as its authors write them: envtest installs the definitions and webhooks into the cluster of KUBECONFIG
// (USE_EXISTING_CLUSTER=true), and the manager with its webhooks runs in the test's own process.
// Prints `ok - NAME` or `not ok - NAME: WHY` for each test.
package operator

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	v1 "kubedouble.test/operator/api/v1"
	"kubedouble.test/operator/api/v1beta1"
)

const (
	namespace = "operator"
	// patience is how long a test waits for what others do.
	patience = 20 * time.Second
)

var (
	restConfig *rest.Config
	reader     client.Client
	scheme     = runtime.NewScheme()
	warnings   = &warningLog{}
)

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	klog.SetLogger(logr.Discard())
	code, err := runSuite(m)
	if err != nil {
		fmt.Printf("not ok - operator: the suite starts: %s\n", oneLine(err.Error()))
		code = 1
	}
	os.Exit(code)
}

func runSuite(m *testing.M) (code int, err error) {
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1.SchemeBuilder.AddToScheme, v1beta1.SchemeBuilder.AddToScheme} {
		if err := add(scheme); err != nil {
			return 1, err
		}
	}
	environment := &envtest.Environment{
		Scheme:                scheme,
		CRDDirectoryPaths:     []string{"config/crd.yaml"},
		ErrorIfCRDPathMissing: true,
		WebhookInstallOptions: envtest.WebhookInstallOptions{Paths: []string{"config/webhooks.yaml"}},
	}
	if restConfig, err = environment.Start(); err != nil {
		return 1, err
	}
	defer func() {
		if stopError := environment.Stop(); err == nil {
			err = stopError
		}
	}()
	restConfig.QPS, restConfig.Burst = 500, 1000
	quiet := rest.CopyConfig(restConfig)
	quiet.WarningHandler = warnings
	if reader, err = client.New(quiet, client.Options{Scheme: scheme}); err != nil {
		return 1, err
	}
	if err := reader.Create(context.Background(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
		return 1, err
	}
	manager, err := newManager(environment.WebhookInstallOptions)
	if err != nil {
		return 1, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	defer func() {
		cancel()
		if endError := <-ended; err == nil {
			err = endError
		}
	}()
	select {
	case <-manager.Elected():
	case err := <-ended:
		return 1, err
	}
	if err := until("the webhooks are served", func() (bool, error) { return manager.GetWebhookServer().StartedChecker()(nil) == nil, nil }); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

func newManager(webhooks envtest.WebhookInstallOptions) (ctrl.Manager, error) {
	manager, err := ctrl.NewManager(restConfig, ctrl.Options{
		Scheme:  scheme,
		Metrics: metricsserver.Options{BindAddress: "0"},
		WebhookServer: webhook.NewServer(webhook.Options{
			Host: webhooks.LocalServingHost, Port: webhooks.LocalServingPort, CertDir: webhooks.LocalServingCertDir,
		}),
		LeaderElection: true, LeaderElectionID: "bakeries", LeaderElectionNamespace: namespace, LeaderElectionReleaseOnCancel: true,
		Controller: config.Controller{SkipNameValidation: new(true)},
	})
	if err != nil {
		return nil, err
	}
	reconciler := &Reconciler{Client: manager.GetClient(), Events: manager.GetEventRecorder("bakery")}
	if err := reconciler.SetupWithManager(manager); err != nil {
		return nil, err
	}
	return manager, Webhooks{}.SetupWithManager(manager)
}

// report prints what came of a test when it ends.
func report(t *testing.T, name string) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	t.Cleanup(func() {
		cancel()
		if t.Failed() {
			fmt.Printf("not ok - operator: %s: %s\n", name, oneLine(strings.Join(failures[t.Name()], "; ")))
		} else {
			fmt.Printf("ok - operator: %s\n", name)
		}
	})
	return ctx
}

// failures has what went wrong in each test; tests run one after the other.
var failures = map[string][]string{}

// must ends the test when there is an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		failures[t.Name()] = append(failures[t.Name()], err.Error())
		t.Fatal(err)
	}
}

// want ends the test when the two differ.
func want[T comparable](t *testing.T, what string, expected, got T) {
	t.Helper()
	if expected != got {
		must(t, fmt.Errorf("%s is %v, not %v", what, got, expected))
	}
}

// refused ends the test unless this is the refusal.
func refused(t *testing.T, err error, message string) {
	t.Helper()
	if err == nil {
		must(t, fmt.Errorf("not refused with %q", message))
	} else {
		want(t, "the refusal", message, err.Error())
	}
}

// until waits for a condition.
func until(what string, condition func() (bool, error)) error {
	err := wait.PollUntilContextTimeout(context.Background(), 20*time.Millisecond, patience, true, func(context.Context) (bool, error) { return condition() })
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// warningLog keeps the warnings of the server.
type warningLog struct {
	mutex sync.Mutex
	texts []string
}

func (l *warningLog) HandleWarningHeader(_ int, _, text string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.texts = append(l.texts, text)
}

func (l *warningLog) take() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	taken := strings.Join(l.texts, "; ")
	l.texts = nil
	return taken
}
