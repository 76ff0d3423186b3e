// Reflectors: list and watch, and what happens when a watch is too far behind.

package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

// listWatch lists and watches the config maps of the check, noting how often it was asked to list.
func listWatch(e *env, lists *atomic.Int32, watchFunc func(metav1.ListOptions) (watch.Interface, error)) *cache.ListWatch {
	return &cache.ListWatch{
		ListFunc: func(options metav1.ListOptions) (runtime.Object, error) {
			lists.Add(1)
			return e.client.CoreV1().ConfigMaps(e.namespace).List(e.ctx, options)
		},
		WatchFunc: watchFunc,
	}
}

// noStreamedLists is what a server answers that cannot stream lists: the reflector goes on with list and watch.
func noStreamedLists() error {
	return apierrors.NewInvalid(corev1.SchemeGroupVersion.WithKind("ConfigMap").GroupKind(), "", nil)
}

func reflectorListWatch(e *env) error {
	maps := e.client.CoreV1().ConfigMaps(e.namespace)
	var lists atomic.Int32
	source := listWatch(e, &lists, func(options metav1.ListOptions) (watch.Interface, error) {
		if options.SendInitialEvents != nil {
			return nil, noStreamedLists()
		}
		return maps.Watch(e.ctx, options)
	})
	return reflects(e, source, func() error { return nil }, func() error {
		if lists.Load() == 0 {
			return fmt.Errorf("it did not list")
		}
		return nil
	})
}

// reflectorExpired holds a reflector back between its list and its watch until the server no longer remembers what has happened since.
func reflectorExpired(e *env) error {
	fast, err := e.fastCluster()
	if err != nil {
		return err
	}
	maps := fast.client.CoreV1().ConfigMaps(fast.namespace)
	var lists, watches atomic.Int32
	forgotten := make(chan error, 1)
	source := listWatch(fast, &lists, func(options metav1.ListOptions) (watch.Interface, error) {
		if options.SendInitialEvents != nil {
			return nil, noStreamedLists()
		}
		if watches.Add(1) == 1 {
			forgotten <- forget(fast, options.ResourceVersion)
		}
		return maps.Watch(fast.ctx, options)
	})
	waitForIt := func() error {
		select {
		case err := <-forgotten:
			return err
		case <-fast.ctx.Done():
			return fmt.Errorf("it does not watch: %w", fast.ctx.Err())
		}
	}
	return reflects(fast, source, waitForIt, func() error {
		if lists.Load() < 2 || watches.Load() < 2 {
			return fmt.Errorf("%d lists and %d watches", lists.Load(), watches.Load())
		}
		return nil
	})
}

// forget writes until a watch from a revision is answered with 410 Expired.
func forget(e *env, revision string) error {
	maps := e.client.CoreV1().ConfigMaps(e.namespace)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		for range 200 {
			patch := fmt.Appendf(nil, `{"data":{"at":"%d"}}`, time.Now().UnixNano())
			if _, err := maps.Patch(e.ctx, "early", types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
				return err
			}
		}
		watcher, err := maps.Watch(e.ctx, metav1.ListOptions{ResourceVersion: revision})
		if err != nil {
			return err
		}
		event := <-watcher.ResultChan()
		watcher.Stop()
		if event.Type == watch.Error && apierrors.IsResourceExpired(apierrors.FromObject(event.Object)) {
			return nil
		}
	}
	return fmt.Errorf("the server still remembers revision %s", revision)
}

// reflects runs a reflector over the source until it has seen an object and, after a while, a later one and its deletion.
func reflects(e *env, source cache.ListerWatcher, while, then func() error) error {
	maps := e.client.CoreV1().ConfigMaps(e.namespace)
	if _, err := maps.Create(e.ctx, configMap("early", nil), metav1.CreateOptions{}); err != nil {
		return err
	}
	store := cache.NewStore(cache.MetaNamespaceKeyFunc)
	reflector := cache.NewReflectorWithOptions(source, &corev1.ConfigMap{}, store, cache.ReflectorOptions{Name: "check"})
	ctx, stop := context.WithCancel(e.ctx)
	defer stop()
	go reflector.RunWithContext(ctx)
	has := func(name string) bool {
		_, found, err := store.GetByKey(e.namespace + "/" + name)
		return err == nil && found
	}
	if err := until(e.ctx, "the first object", func() (bool, error) { return has("early"), nil }); err != nil {
		return err
	}
	if err := while(); err != nil {
		return err
	}
	if _, err := maps.Create(e.ctx, configMap("late", nil), metav1.CreateOptions{}); err != nil {
		return err
	}
	if err := until(e.ctx, "the later object", func() (bool, error) { return has("late"), nil }); err != nil {
		return err
	}
	if err := maps.Delete(e.ctx, "late", metav1.DeleteOptions{}); err != nil {
		return err
	}
	if err := until(e.ctx, "its deletion", func() (bool, error) { return !has("late"), nil }); err != nil {
		return err
	}
	return then()
}
