import { h } from './dom.ts';
import { type Model, placeOf, type Site } from './model.ts';
import { routeTo } from './route.ts';

/** Address of a site on its source page. */
export function siteAddress({ data }: Model, site: Site): string {
  return routeTo('source', data.files[site.file].short, { site: site.id });
}

/** A link to a site's place. */
export function siteLink(model: Model, site: Site): HTMLElement {
  return h('a', { href: siteAddress(model, site), title: site.function }, placeOf(model, site));
}
