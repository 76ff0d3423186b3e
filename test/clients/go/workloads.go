// What operators do with workloads: leader election, events, rollout, logs, tokens.

package main

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/tools/reference"
)

// waitForServiceAccount waits until pods may be created in a new namespace.
func waitForServiceAccount(e *env) error {
	return until(e.ctx, "the default service account", func() (bool, error) {
		_, err := e.client.CoreV1().ServiceAccounts(e.namespace).Get(e.ctx, "default", metav1.GetOptions{})
		return err == nil, nil
	})
}

func leaderElection(e *env) error {
	var leaders atomic.Int32
	run := func(identity string) (context.CancelFunc, chan struct{}) {
		started := make(chan struct{})
		ctx, stop := context.WithCancel(e.ctx)
		lock := &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Name: "leader", Namespace: e.namespace},
			Client:     e.client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: identity},
		}
		go leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
			Lock: lock, ReleaseOnCancel: true, LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second, RetryPeriod: 100 * time.Millisecond,
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(context.Context) { leaders.Add(1); close(started) },
				OnStoppedLeading: func() { leaders.Add(-1) },
			},
		})
		return stop, started
	}
	stopFirst, first := run("first")
	select {
	case <-first:
	case <-time.After(patience):
		return fmt.Errorf("nobody leads")
	}
	stopSecond, second := run("second")
	defer stopSecond()
	// The second tries ten times in this second and must not get it.
	select {
	case <-second:
		return fmt.Errorf("two lead at once")
	case <-time.After(time.Second):
	}
	if err := want("the number of leaders", int32(1), leaders.Load()); err != nil {
		return err
	}
	stopFirst()
	select {
	case <-second:
	case <-time.After(patience):
		return fmt.Errorf("the second does not take over")
	}
	lease, err := e.client.CoordinationV1().Leases(e.namespace).Get(e.ctx, "leader", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if err := want("the holder", "second", *lease.Spec.HolderIdentity); err != nil {
		return err
	}
	if lease.Spec.RenewTime.Nanosecond()%1000 != 0 || lease.Spec.RenewTime.IsZero() {
		return fmt.Errorf("renewTime is %v", lease.Spec.RenewTime)
	}
	return nil
}

func eventRecorder(e *env) error {
	broadcaster := record.NewBroadcaster(record.WithContext(e.ctx))
	defer broadcaster.Shutdown()
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: e.client.CoreV1().Events("")})
	recorder := broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "checker"})
	object, err := e.client.CoreV1().ConfigMaps(e.namespace).Create(e.ctx, configMap("noted", nil), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	about, err := reference.GetReference(scheme.Scheme, object)
	if err != nil {
		return err
	}
	for range 3 {
		recorder.Event(about, corev1.EventTypeWarning, "Checked", "looked at it")
	}
	return until(e.ctx, "one event with count 3", func() (bool, error) {
		list, err := e.client.CoreV1().Events(e.namespace).List(e.ctx, metav1.ListOptions{FieldSelector: "involvedObject.name=noted,type=Warning"})
		return err == nil && len(list.Items) == 1 && list.Items[0].Count == 3 && list.Items[0].Source.Component == "checker", err
	})
}

func deploymentAndLogs(e *env) error {
	if err := waitForServiceAccount(e); err != nil {
		return err
	}
	labels := map[string]string{"app": "web"}
	deployments := e.client.AppsV1().Deployments(e.namespace)
	_, err := deployments.Create(e.ctx, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "busybox", Command: []string{"sh", "-c", "echo hello from go; sleep 3600"}}}},
			},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	scale, err := deployments.GetScale(e.ctx, "web", metav1.GetOptions{})
	if err != nil {
		return err
	}
	scale.Spec.Replicas = 2
	if _, err := deployments.UpdateScale(e.ctx, "web", scale, metav1.UpdateOptions{}); err != nil {
		return err
	}
	err = until(e.ctx, "2 replicas available", func() (bool, error) {
		current, err := deployments.Get(e.ctx, "web", metav1.GetOptions{})
		return err == nil && current.Status.AvailableReplicas == 2 && current.Status.ObservedGeneration == current.Generation, err
	})
	if err != nil {
		return err
	}
	pods, err := e.client.CoreV1().Pods(e.namespace).List(e.ctx, metav1.ListOptions{LabelSelector: "app=web", FieldSelector: "status.phase=Running"})
	if err != nil {
		return err
	}
	if err := want("the number of running pods", 2, len(pods.Items)); err != nil {
		return err
	}
	stream, err := e.client.CoreV1().Pods(e.namespace).GetLogs(pods.Items[0].Name, &corev1.PodLogOptions{}).Stream(e.ctx)
	if err != nil {
		return err
	}
	defer stream.Close()
	text, err := io.ReadAll(stream)
	if err != nil {
		return err
	}
	return want("the log", "hello from go\n", string(text))
}

func impersonationAndTokens(e *env) error {
	config := rest.CopyConfig(e.config)
	config.Impersonate = rest.ImpersonationConfig{UserName: "nobody", Groups: []string{"system:authenticated"}}
	asNobody, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	if _, err := asNobody.CoreV1().Secrets(e.namespace).List(e.ctx, metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		return fmt.Errorf("secrets for a user without rights: %v", err)
	}
	if err := waitForServiceAccount(e); err != nil {
		return err
	}
	token, err := e.client.CoreV1().ServiceAccounts(e.namespace).CreateToken(e.ctx, "default", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	config = rest.AnonymousClientConfig(e.config)
	config.BearerToken = token.Status.Token
	asAccount, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	self, err := asAccount.AuthenticationV1().SelfSubjectReviews().Create(e.ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	return want("the user", "system:serviceaccount:"+e.namespace+":default", self.Status.UserInfo.Username)
}
