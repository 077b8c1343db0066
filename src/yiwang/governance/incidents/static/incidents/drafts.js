// Reports that are not sent yet, with their photos, in the browser's own database.
const opened = new Promise((resolve, reject) => {
  const asked = indexedDB.open("yiwang-grid", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "key" });
  asked.onsuccess = () => resolve(asked.result);
  asked.onerror = () => reject(asked.error);
});

async function inStore(mode, act) {
  const store = (await opened).transaction("drafts", mode).objectStore("drafts");
  const asked = act(store);
  return new Promise((resolve, reject) => {
    store.transaction.oncomplete = () => resolve(asked.result);
    store.transaction.onabort = store.transaction.onerror = () => reject(store.transaction.error);
  });
}

export const save = (draft) => inStore("readwrite", (store) => store.put(draft));
export const remove = (key) => inStore("readwrite", (store) => store.delete(key));
export const all = async () => (await inStore("readonly", (store) => store.getAll())).sort((a, b) => a.made_at.localeCompare(b.made_at));
