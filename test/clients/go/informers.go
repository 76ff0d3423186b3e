// Informers of the typed clients, and watches that wait for something.

package main

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
)

// counted is a handler that counts what happens to the object called late.
func counted(added, updated, deleted *atomic.Int32) cache.ResourceEventHandler {
	late := func(object any) bool {
		key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object)
		return err == nil && strings.HasSuffix(key, "/late")
	}
	return cache.FilteringResourceEventHandler{FilterFunc: late, Handler: cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { added.Add(1) },
		UpdateFunc: func(any, any) { updated.Add(1) },
		DeleteFunc: func(any) { deleted.Add(1) },
	}}
}

// follow updates and deletes what an informer already knows and waits for it to notice.
func follow(e *env, added, updated, deleted *atomic.Int32) error {
	maps := e.client.CoreV1().ConfigMaps(e.namespace)
	if _, err := maps.Create(e.ctx, configMap("late", nil), metav1.CreateOptions{}); err != nil {
		return err
	}
	if _, err := maps.Patch(e.ctx, "late", types.MergePatchType, []byte(`{"data":{"k":"v"}}`), metav1.PatchOptions{}); err != nil {
		return err
	}
	if err := maps.Delete(e.ctx, "late", metav1.DeleteOptions{}); err != nil {
		return err
	}
	return until(e.ctx, "events of the late object", func() (bool, error) {
		return added.Load() >= 1 && updated.Load() >= 1 && deleted.Load() >= 1, nil
	})
}

func informerWatchList(e *env) error {
	recorded := recordRequests(e.config)
	if err := informerFollows(e); err != nil {
		return err
	}
	if recorded.count("configmaps", "sendInitialEvents=true") == 0 {
		return fmt.Errorf("the list was not streamed: %v", recorded.queries("configmaps"))
	}
	for _, query := range recorded.queries("configmaps") {
		if !strings.Contains(query, "watch=true") {
			return fmt.Errorf("it listed after all: %q", query)
		}
	}
	return nil
}

func informerProtobuf(e *env) error {
	e.config.ContentType = "application/vnd.kubernetes.protobuf"
	e.config.AcceptContentTypes = "application/vnd.kubernetes.protobuf"
	return informerFollows(e)
}

func informerFollows(e *env) error {
	client, err := kubernetes.NewForConfig(e.config)
	if err != nil {
		return err
	}
	for index := range 30 {
		if _, err := e.client.CoreV1().ConfigMaps(e.namespace).Create(e.ctx, configMap(fmt.Sprintf("early-%d", index), map[string]string{"index": fmt.Sprint(index)}), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, time.Hour, informers.WithNamespace(e.namespace), informers.WithTweakListOptions(func(options *metav1.ListOptions) {
		options.LabelSelector = "app=check"
	}))
	informer := factory.Core().V1().ConfigMaps()
	var added, updated, deleted atomic.Int32
	if _, err := informer.Informer().AddEventHandler(counted(&added, &updated, &deleted)); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(e.ctx)
	defer factory.Shutdown()
	defer stop()
	factory.Start(ctx.Done())
	waiting, done := context.WithTimeout(ctx, patience)
	defer done()
	if !cache.WaitForCacheSync(waiting.Done(), informer.Informer().HasSynced) {
		return fmt.Errorf("the cache did not fill")
	}
	listed, err := informer.Lister().ConfigMaps(e.namespace).List(labels.Everything())
	if err != nil {
		return err
	}
	if err := want("the number of objects in the cache", 30, len(listed)); err != nil {
		return err
	}
	one, err := informer.Lister().ConfigMaps(e.namespace).Get("early-7")
	if err != nil {
		return err
	}
	if err := want("the data in the cache", "7", one.Data["index"]); err != nil {
		return err
	}
	return follow(e, &added, &updated, &deleted)
}

func watchUntil(e *env) error {
	pods := e.client.CoreV1().Pods(e.namespace)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "watched"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "nginx"}}},
	}
	if err := waitForServiceAccount(e); err != nil {
		return err
	}
	created, err := pods.Create(e.ctx, pod, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	seen, err := untilRunning(e, created)
	if err != nil {
		return err
	}
	return want("the phase", corev1.PodRunning, seen.Status.Phase)
}

// untilRunning follows one pod with a list and a watch until it runs.
func untilRunning(e *env, pod *corev1.Pod) (*corev1.Pod, error) {
	ctx, done := context.WithTimeout(e.ctx, patience)
	defer done()
	source := cache.NewListWatchFromClient(e.client.CoreV1().RESTClient(), "pods", e.namespace, fields.OneTermEqualSelector("metadata.name", pod.Name))
	event, err := watchtools.UntilWithSync(ctx, source, &corev1.Pod{}, nil, func(event watch.Event) (bool, error) {
		current, isPod := event.Object.(*corev1.Pod)
		return isPod && current.Status.Phase == corev1.PodRunning, nil
	})
	if err != nil {
		return nil, err
	}
	return event.Object.(*corev1.Pod), nil
}
