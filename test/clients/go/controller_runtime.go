// controller-runtime: managers, clients, caches and leader election.

package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

var controllerRuntimeChecks = []check{
	{"controller-runtime: a manager reconciles with server-side apply, finalizer and owned objects", managerReconciles},
	{"controller-runtime: client with patches, status, field owner, dry run and deletion of many", runtimeClient},
	{"controller-runtime: cache with a field index and metadata-only objects", runtimeCache},
	{"controller-runtime: leader election hands over", runtimeLeaderElection},
}

// managerOf makes a manager that sees the check's namespace alone.
func managerOf(e *env, options ctrl.Options) (ctrl.Manager, error) {
	options.Metrics = metricsserver.Options{BindAddress: "0"}
	options.Cache = cache.Options{DefaultNamespaces: map[string]cache.Config{e.namespace: {}}}
	options.Controller = config.Controller{SkipNameValidation: new(true)}
	return ctrl.NewManager(e.config, options)
}

// run starts a manager and returns how to stop it and wait for its end.
func run(e *env, manager ctrl.Manager) (stop func() error) {
	ctx, cancel := context.WithCancel(e.ctx)
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	var once sync.Once
	var err error
	return func() error {
		once.Do(func() {
			cancel()
			select {
			case err = <-ended:
			case <-time.After(patience):
				err = fmt.Errorf("the manager does not stop")
			}
		})
		return err
	}
}

func runtimeClient(e *env) error {
	plain, err := client.New(e.config, client.Options{})
	if err != nil {
		return err
	}
	direct := client.NewNamespacedClient(plain, e.namespace)
	owned := client.WithFieldOwner(direct, "checker")
	object := configMap("one", map[string]string{"a": "1"})
	if err := owned.Create(e.ctx, object, client.DryRunAll); err != nil {
		return err
	}
	if err := direct.Get(e.ctx, client.ObjectKey{Name: "one"}, &corev1.ConfigMap{}); !apierrors.IsNotFound(err) {
		return fmt.Errorf("after a dry run: %v", err)
	}
	object = configMap("one", map[string]string{"a": "1"})
	if err := owned.Create(e.ctx, object); err != nil {
		return err
	}
	if err := want("the manager", "checker", object.ManagedFields[0].Manager); err != nil {
		return err
	}
	result, err := controllerutil.CreateOrUpdate(e.ctx, owned, object, func() error {
		object.Data["b"] = "2"
		return nil
	})
	if err != nil {
		return err
	}
	if err := want("the operation", controllerutil.OperationResultUpdated, result); err != nil {
		return err
	}
	stale := object.DeepCopy()
	object.Data["a"] = "3"
	if err := owned.Update(e.ctx, object); err != nil {
		return err
	}
	changed := stale.DeepCopy()
	changed.Data["a"] = "4"
	if err := owned.Patch(e.ctx, changed, client.MergeFromWithOptions(stale, client.MergeFromWithOptimisticLock{})); !apierrors.IsConflict(err) {
		return fmt.Errorf("a patch with an old version: %v", err)
	}
	// Status through its subresource: the condition stays, the spec is not touched.
	budget := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "budget"}}
	if err := direct.Create(e.ctx, budget); err != nil {
		return err
	}
	budget.Labels = map[string]string{"with": "status"}
	budget.Status.Hard = corev1.ResourceList{}
	if err := direct.Status().Update(e.ctx, budget); err != nil {
		return err
	}
	if err := direct.DeleteAllOf(e.ctx, &corev1.ConfigMap{}, client.InNamespace(e.namespace), client.MatchingLabels{"app": "check"}); err != nil {
		return err
	}
	var left corev1.ConfigMapList
	if err := direct.List(e.ctx, &left, client.InNamespace(e.namespace), client.MatchingLabels{"app": "check"}); err != nil {
		return err
	}
	return want("the number of objects left", 0, len(left.Items))
}

func runtimeCache(e *env) error {
	manager, err := managerOf(e, ctrl.Options{})
	if err != nil {
		return err
	}
	byColour := func(object client.Object) []string { return []string{object.(*corev1.Secret).Labels["colour"]} }
	if err := manager.GetFieldIndexer().IndexField(e.ctx, &corev1.Secret{}, "colour", byColour); err != nil {
		return err
	}
	stop := run(e, manager)
	defer func() { _ = stop() }()
	if !manager.GetCache().WaitForCacheSync(e.ctx) {
		return fmt.Errorf("the cache did not fill")
	}
	for name, colour := range map[string]string{"a": "red", "b": "green", "c": "red"} {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: e.namespace, Labels: map[string]string{"colour": colour}}, StringData: map[string]string{"k": name}}
		if err := manager.GetClient().Create(e.ctx, secret); err != nil {
			return err
		}
	}
	err = until(e.ctx, "two red secrets by index", func() (bool, error) {
		var list corev1.SecretList
		err := manager.GetClient().List(e.ctx, &list, client.InNamespace(e.namespace), client.MatchingFields{"colour": "red"})
		return len(list.Items) == 2, err
	})
	if err != nil {
		return err
	}
	return until(e.ctx, "three secrets by their metadata", func() (bool, error) {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("SecretList"))
		err := manager.GetClient().List(e.ctx, list, client.InNamespace(e.namespace), client.HasLabels{"colour"})
		return len(list.Items) == 3, err
	})
}

func runtimeLeaderElection(e *env) error {
	newCandidate := func() (ctrl.Manager, error) {
		return managerOf(e, ctrl.Options{
			LeaderElection: true, LeaderElectionID: "check-leader", LeaderElectionNamespace: e.namespace, LeaderElectionReleaseOnCancel: true,
			LeaseDuration: new(15 * time.Second), RenewDeadline: new(10 * time.Second), RetryPeriod: new(100 * time.Millisecond),
		})
	}
	first, err := newCandidate()
	if err != nil {
		return err
	}
	second, err := newCandidate()
	if err != nil {
		return err
	}
	stopFirst := run(e, first)
	defer func() { _ = stopFirst() }()
	select {
	case <-first.Elected():
	case <-time.After(patience):
		return fmt.Errorf("nobody leads")
	}
	stopSecond := run(e, second)
	defer func() { _ = stopSecond() }()
	select {
	case <-second.Elected():
		return fmt.Errorf("two lead at once")
	case <-time.After(time.Second):
	}
	if err := stopFirst(); err != nil {
		return err
	}
	select {
	case <-second.Elected():
	case <-time.After(patience):
		return fmt.Errorf("the second does not take over")
	}
	return stopSecond()
}
