// A user in an event. Users are remembered by identity, so that one who asks again is not written anew.
import { jsonText } from '../../apimachinery/codec/json.js';
import type { UserInfo } from '../../registry/kind.js';

const texts = new WeakMap<UserInfo, string>();

export function userText(user: UserInfo): string {
  let text = texts.get(user);
  if (text === undefined) {
    const { name, uid, groups, extra } = user;
    text = jsonText({
      username: name,
      ...(uid === undefined || uid === '' ? {} : { uid }),
      ...(groups.length === 0 ? {} : { groups }),
      ...(extra === undefined ? {} : { extra }),
    });
    texts.set(user, text);
  }
  return text;
}
