"""事件网格: what grid workers find, sent to whoever puts it right, looked at again, closed and judged."""
