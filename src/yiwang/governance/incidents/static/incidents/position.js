// Puts where one stands into the forms of an incident; without it the form goes as it is and says so.
for (const form of document.querySelectorAll("form[data-position]")) {
  const words = form.querySelector("[data-position-words]");
  navigator.geolocation?.getCurrentPosition(
    ({ coords }) => {
      form.elements.lon.value = coords.longitude.toFixed(6);
      form.elements.lat.value = coords.latitude.toFixed(6);
      words.textContent = `已取得您的位置，误差约${Math.round(coords.accuracy)}米。`;
      words.hidden = false;
    },
    () => {
      words.textContent = "没有取得您的位置，请允许定位。";
      words.hidden = false;
    },
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
  );
}
