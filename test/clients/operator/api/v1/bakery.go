// Package v1 is the newer form of a bakery, in which it is stored.
package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/scheme"
)

var (
	GroupVersion  = schema.GroupVersion{Group: "shop.kubedouble.dev", Version: "v1"}
	SchemeBuilder = &scheme.Builder{GroupVersion: GroupVersion}
)

func init() {
	SchemeBuilder.Register(&Bakery{}, &BakeryList{})
}

type Oven struct {
	Degrees int32 `json:"degrees"`
}

type BakerySpec struct {
	Loaves int32  `json:"loaves,omitempty"`
	Flour  string `json:"flour,omitempty"`
	Oven   Oven   `json:"oven"`
}

type BakeryStatus struct {
	Baked      int32              `json:"baked,omitempty"`
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

type Bakery struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   BakerySpec   `json:"spec,omitempty"`
	Status BakeryStatus `json:"status,omitempty"`
}

// Hub says that other versions are converted to this one and from it.
func (*Bakery) Hub() {}

type BakeryList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []Bakery `json:"items"`
}

func (b *Bakery) DeepCopyInto(out *Bakery) {
	*out = *b
	b.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Status.Conditions = nil
	for index := range b.Status.Conditions {
		out.Status.Conditions = append(out.Status.Conditions, *b.Status.Conditions[index].DeepCopy())
	}
}

func (b *Bakery) DeepCopy() *Bakery {
	out := &Bakery{}
	b.DeepCopyInto(out)
	return out
}

func (b *Bakery) DeepCopyObject() runtime.Object { return b.DeepCopy() }

func (l *BakeryList) DeepCopyObject() runtime.Object {
	out := &BakeryList{TypeMeta: l.TypeMeta, Items: make([]Bakery, len(l.Items))}
	l.ListMeta.DeepCopyInto(&out.ListMeta)
	for index := range l.Items {
		l.Items[index].DeepCopyInto(&out.Items[index])
	}
	return out
}
