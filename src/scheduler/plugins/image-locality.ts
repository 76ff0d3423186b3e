// ImageLocality: nodes that have a pod's images already are better.
import type { NodeInfo, Plugin, PluginHandle } from '../framework.js';

const mebibyte = 1024 * 1024;
/** Images below the lower bound save nothing worth it; each container counts up to the upper one. */
const lowest = 23 * mebibyte;
const highestPerContainer = 1000 * mebibyte;

/** The name as nodes report it: with a tag. */
export function imageWithTag(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}

export function imageLocality({ nodes }: PluginHandle): Plugin {
  return {
    name: 'ImageLocality',
    preScore({ pod }) {
      const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
      const volumes = (pod.spec.volumes ?? []).flatMap(({ image }) => (image?.reference === undefined ? [] : [image.reference]));
      const all = [...containers.map(({ image = '' }) => image), ...volumes].map(imageWithTag);
      const total = nodes.nodes.length;
      // What is on few nodes counts little, so that not all pods of an image go where the first one went.
      const images = all.map((name) => ({ name, spread: nodes.imageNodes(name) / total })).filter(({ spread }) => spread > 0);
      if (images.length === 0) return undefined;
      const highest = highestPerContainer * all.length;
      const score = ({ images: there }: NodeInfo): number => {
        let sum = 0;
        for (const { name, spread } of images) sum += Math.floor((there.get(name) ?? 0) * spread);
        return Math.floor((100 * (Math.min(Math.max(sum, lowest), highest) - lowest)) / (highest - lowest));
      };
      return { score };
    },
  };
}
